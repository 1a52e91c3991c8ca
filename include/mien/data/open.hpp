// Opens a data set whatever its form.
#pragma once

#include <string>

#include "mien/data/classes.hpp"
#include "mien/data/dataset.hpp"

namespace mien::data {

/// A folder is read by read_image_folders, anything else by read_fer2013_csv. `numbers` says what classes are
/// meant by numbers. Throws DataError.
Dataset open_dataset(const std::string& path, const ClassNumbers& numbers = {});

}  // namespace mien::data
