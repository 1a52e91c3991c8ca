// Writing PNG files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "mien/core/shape.hpp"

namespace mien::image {

/// The bytes of an 8-bit PNG file. `channels`: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA; `pixels` holds
/// height rows of width * channels values. Throws ArgumentError for other channels, edges outside
/// 1 .. 16384, and a `pixels` of another size.
std::string encode_png(Index width, Index height, int channels, std::span<const std::uint8_t> pixels);

/// Writes that file, so that it appears complete or not at all. Throws DataError when that fails.
void write_png(const std::filesystem::path& path, Index width, Index height, int channels,
               std::span<const std::uint8_t> pixels);

}  // namespace mien::image
