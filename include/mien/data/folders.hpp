// Reads a data set kept as image files: `<root>/<split>/<class>/<image>`.
#pragma once

#include <string>

#include "mien/data/classes.hpp"
#include "mien/data/dataset.hpp"
#include "mien/data/pictures.hpp"

namespace mien::data {

/// Split folders: train, training; val, valid, validation, dev, public_test (PublicTest); test, testing,
/// private_test (PrivateTest); "FER2013" may stand before them. Class folders: FER2013's names and near words
/// (anger, fearful, happiness, ...), with or without a number before them, and numbers alone, which `numbers`
/// gives a meaning and a note states it. Case, '_', '-' and blanks do not count. Images: what is
/// named as one (image::is_image_name), made gray and 48 x 48 when it is not; other files, images in no class
/// folder, folders within class folders and folders of contempt, for which FER2013 has no class, are passed
/// over, with a note; hidden files, what systems leave behind (__MACOSX, Thumbs.db, ...) and what is no image
/// outside class folders without. The order is Training, PublicTest, PrivateTest, within them by class, then by
/// the bytes of the file name.
///
/// The well-known folder form of FER2013 has only train and test, and its test is both test splits in one.
/// Then a tenth of each class of train becomes PublicTest, picked by a hash of the file name, so that a
/// model can be chosen without looking at the test; a note says so. The same becomes of class folders that lie
/// in `root` itself, all of which are Training otherwise (names_splits is false then).
///
/// Throws DataError for an unknown folder name (listing the known), a split without any image, and a
/// file that is not an image (`path: what`).
Dataset read_image_folders(const std::string& root, const ClassNumbers& numbers = {});

/// The same of any classes: a folder's name is its class, and two to kMostClasses may be there, which come in
/// the order of their names, numbers by their size. Folders that are all called as expressions are are those:
/// under FER2013's names and in its order, contempt behind them. `numbers`, where they have words
/// (ClassNumbers::parse_any), say what class folders called by numbers are. A folder is a split where it is
/// called as one and has folders in it. A class folder without images is a class without any.
///
/// Throws DataError also for names that differ in case alone.
Dataset read_picture_folders(const std::string& root, const ClassNumbers& numbers = {},
                             const PictureForm& form = {});

}  // namespace mien::data
