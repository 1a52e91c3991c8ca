// The picture of an image that is a face from edge to edge, where a frame and a label have no room.
#pragma once

#include <string_view>

#include "mien/image/image.hpp"

namespace ferpredict::draw {

/// The crop, enlarged a whole number of times where it is small, in a frame, with its label (see plate.hpp)
/// beneath: nothing of it is covered. Throws mien::ArgumentError when its pixels do not match its size.
mien::image::RgbImage crop_picture(const mien::image::RgbImage& crop, std::string_view expression,
                                   float probability, bool emoji = true);

}  // namespace ferpredict::draw
