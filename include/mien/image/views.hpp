// Several looks at one picture, to be averaged over when predicting (test-time augmentation).
#pragma once

#include <string_view>
#include <vector>

#include "mien/image/image.hpp"

namespace mien::image {

/// Views of one picture over which answers are averaged.
enum class Views : std::uint8_t {
  none,    ///< the picture
  mirror,  ///< and its mirror image
  full,    ///< those two of the whole and of five parts: 12
  scales,  ///< those two of the whole, of a part and of more than the whole: 6
};

/// "none", "mirror", "full" or "scales". Throws ArgumentError for another name.
Views parse_views(std::string_view name);
/// The name that parse_views reads.
std::string_view to_string(Views views);

/// 1, 2, 12 or 6.
Index view_count(Views views);

/// Left and right exchanged.
GrayImage mirrored(const GrayImage& image);

/// view_count(views) pictures of `crop`'s size: the whole, the upper left, upper right, lower left, lower right
/// and middle part of 44/48 of each edge (rounded) resized back, each followed by its mirror image. Of an odd
/// margin the middle part has the smaller half before it. For Views::scales scaled_views() of widened(crop).
/// Throws ArgumentError for a picture without pixels.
std::vector<GrayImage> make_views(const GrayImage& crop, Views views);

/// How many times as wide and high as the crop the largest of Views::scales is.
inline constexpr double kWidestView = 1.05;

/// A crop kWidestView times as wide and high (rounded), its edge pixels repeated; of an odd margin the smaller
/// half lies before it.
GrayImage widened(const GrayImage& crop);

/// Six pictures of width x height from one kWidestView times as wide and high as the crop: the crop, 0.95 of
/// each of its edges and the whole picture, each around the middle and followed by its mirror image. Throws
/// ArgumentError for a picture without pixels, and what resize() throws.
std::vector<GrayImage> scaled_views(const GrayImage& wide, Index width, Index height);

}  // namespace mien::image
