// Several looks at one picture, to be averaged over when predicting (test-time augmentation).
#pragma once

#include <string_view>
#include <vector>

#include "mien/image/image.hpp"

namespace mien::image {

enum class Views : std::uint8_t {
  none,    ///< the picture
  mirror,  ///< and its mirror image
  full,    ///< those two of the whole and of five parts: 12
};

/// "none", "mirror" or "full". Throws ArgumentError for another name.
Views parse_views(std::string_view name);
std::string_view to_string(Views views);

/// 1, 2 or 12.
Index view_count(Views views);

/// Left and right exchanged.
GrayImage mirrored(const GrayImage& image);

/// view_count(views) pictures of `crop`'s size: the whole, the upper left, upper right, lower left, lower right
/// and middle part of 44/48 of each edge (rounded) resized back, each followed by its mirror image. Of an odd
/// margin the middle part has the smaller half before it. Throws ArgumentError for a picture without pixels.
std::vector<GrayImage> make_views(const GrayImage& crop, Views views);

}  // namespace mien::image
