// Files of pictures, whose classes and splits are known, made a dataset.
#pragma once

#include <string>
#include <vector>

#include "mien/data/dataset.hpp"
#include "mien/data/pictures.hpp"

namespace mien::data::detail {

struct PictureFile {
  std::string path;
  std::string name;  ///< the same wherever the data set lies: who is held out follows from it
  std::uint8_t label = 0;
  Split split = Split::training;
};

/// Sorts by split and label; where Training has no PublicTest beside it, holds a tenth of each class out and
/// notes it.
void arrange(std::vector<PictureFile>& files, Dataset& into);

/// Reads the files into `into`, whose classes are known, in their order, and notes what was done to them.
/// Throws DataError for what is no image, `path: what`.
void read_pictures(const std::vector<PictureFile>& files, PictureForm form, Dataset& into);

/// Gives gray pictures that have been read already another size, or three planes.
void bring_into(const PictureForm& form, Dataset& dataset);

/// FER2013's form.
inline constexpr PictureForm kFaceForm{.height = kImageSide, .width = kImageSide, .channels = 1};

}  // namespace mien::data::detail
