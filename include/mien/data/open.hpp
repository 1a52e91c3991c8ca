// Opens a data set whatever its form.
#pragma once

#include <string>

#include "mien/data/dataset.hpp"

namespace mien::data {

/// A folder is read by read_image_folders, anything else by read_fer2013_csv. Throws DataError.
Dataset open_dataset(const std::string& path);

}  // namespace mien::data
