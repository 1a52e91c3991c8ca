// A gray picture as the bytes of an image file.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mien::test {

inline constexpr const char* kImageExtensions[] = {"png", "jpg", "bmp", "pgm", "ppm"};

/// `pixels` holds 48 rows of 48 values.
std::string encoded(std::string_view extension, const std::vector<std::uint8_t>& pixels);

/// A PNG that claims to be `width` x `height` pixels and holds next to nothing.
std::string png_bomb(std::uint32_t width, std::uint32_t height);

}  // namespace mien::test
