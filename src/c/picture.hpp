// Pixels in a caller's memory.
#pragma once

#include <cstddef>

#include "mien/image/image.hpp"

namespace mien::c {

/// What mien_read is given, in gray. Throws ArgumentError for what that says it does not take.
image::GrayImage gray_picture(const void* pixels, int format, std::size_t width, std::size_t height,
                              std::size_t stride);

}  // namespace mien::c
