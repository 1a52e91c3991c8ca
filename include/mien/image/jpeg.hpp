// Writing JPEG files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "mien/core/shape.hpp"

namespace mien::image {

/// The bytes of a baseline JPEG file. `channels`: 1 gray, 3 RGB; `pixels` holds height rows of width * channels
/// values; `quality` is 1 .. 100, and above 90 color keeps its full resolution. Throws ArgumentError for other
/// channels and qualities, edges outside 1 .. 16384, and a `pixels` of another size.
std::string encode_jpeg(Index width, Index height, int channels, std::span<const std::uint8_t> pixels,
                        int quality = 90);

/// Writes that file, so that it appears complete or not at all. Throws DataError when that fails.
void write_jpeg(const std::filesystem::path& path, Index width, Index height, int channels,
                std::span<const std::uint8_t> pixels, int quality = 90);

}  // namespace mien::image
