// A square part of a photo, which may reach beyond it.
#pragma once

#include <cstdint>
#include <optional>

#include "mien/image/image.hpp"

namespace mien::face::detail {

/// Beyond the photo lies more of its edge, or the gray level `beyond`. The photo has pixels, `side` is above 0.
image::GrayImage cut_square(const image::GrayImage& photo, Index left, Index top, Index side,
                            std::optional<std::uint8_t> beyond = {});

}  // namespace mien::face::detail
