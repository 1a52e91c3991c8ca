// Which images the command line means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ferpredict {

/// The name of what stdin reads.
inline constexpr const char* kStdin = "-";

struct ImageInput {
  std::string path;
  std::string error;  ///< why this folder gives no images; empty for a file
};

/// Files as given; folders replaced by the images in them, sorted by name, not descending. A folder that
/// cannot be read or holds no image stays, with the reason.
std::vector<ImageInput> list_images(const std::vector<std::string>& inputs);

/// The bytes of a file, or of stdin for "-". Throws mien::DataError.
std::vector<std::uint8_t> read_image_bytes(const std::string& path);

}  // namespace ferpredict
