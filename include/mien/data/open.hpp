// Opens a data set whatever its form.
#pragma once

#include <string>

#include "mien/data/classes.hpp"
#include "mien/data/dataset.hpp"
#include "mien/data/pictures.hpp"

namespace mien::data {

/// A folder is read by read_image_folders, anything else by read_fer2013_csv. `numbers` says what classes are
/// meant by numbers. Throws DataError.
Dataset open_dataset(const std::string& path, const ClassNumbers& numbers = {});

/// Data of any classes: a folder (read_picture_folders), a manifest or a table. A manifest is a CSV file whose
/// first line names the columns, in any order and letter case: `file` (or path, image, filename, filepath),
/// relative to the manifest, `label` (class, emotion, expression, category, target) and, where it says what
/// pictures are for, `split` (usage, subset, set): train, validation or test, or another name that split
/// folders may have. Without validation a tenth of each class of Training becomes PublicTest, picked by a hash
/// of the file's name. A table has `pixels` instead, blank-separated numbers 0 to 255 of square gray pictures;
/// where the labels' column is `emotion` it is one that read_fer2013_csv reads, with contempt as an eighth
/// expression. Plain or packed with gzip.
///
/// Throws DataError, for a line as `path:line:column: what`, and ArgumentError for a form that is none.
Dataset open_pictures(const std::string& path, const ClassNumbers& numbers = {}, const PictureForm& form = {});

}  // namespace mien::data
