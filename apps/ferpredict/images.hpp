// Which images the command line means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ferpredict {

/// Files as given; folders replaced by the images in them, sorted by name, not descending. Throws
/// mien::DataError for a folder that cannot be read or holds no image.
std::vector<std::string> list_images(const std::vector<std::string>& inputs);

/// The bytes of a file, or of stdin for "-". Throws mien::DataError.
std::vector<std::uint8_t> read_image_bytes(const std::string& path);

}  // namespace ferpredict
