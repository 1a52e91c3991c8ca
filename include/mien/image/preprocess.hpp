// From pixels to what a network is given: the one place, used in training and in prediction.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mien/core/tensor.hpp"

namespace mien::image {

/// What is done to each image on its own, p being its pixels 0 .. 255, of color all values of all planes, and m
/// their mean.
enum class PerImage : std::uint8_t {
  none,     ///< p
  center,   ///< p - m
  norm100,  ///< 100 * (p - m) / |p - m|, all zeros for an image of one gray (Tang, arXiv:1306.0239)
};

std::string_view to_string(PerImage per_image);                  ///< "none", "center", "norm100"
std::optional<PerImage> per_image_named(std::string_view name);  ///< the way back

/// v = per_image(pixels) * scale; then (v - mean[i]) * inv_std[i] at pixel i, each step only where its
/// tensor is defined. These hold one value per pixel (of color, per value), in any shape.
struct Normalization {
  PerImage per_image = PerImage::none;
  float scale = 1;
  Tensor mean;
  Tensor inv_std;
};

/// Writes `count` values for the `count` pixels, of color values, of one image. Computed in double, in a fixed
/// order, and rounded once. Throws ArgumentError when a tensor of `how` has another size than `count`.
void normalize(float* out, const std::uint8_t* pixels, Index count, const Normalization& how);

/// Learns `mean` and `inv_std` (shape pixels_per_image) from image_count images lying one behind the other.
/// The standard deviation is the biased one (divided by image_count) and is taken to be at least 1 % of
/// its root mean square over all pixels, so that a pixel that hardly ever changes does not drown the
/// others; when no pixel changes, inv_std is 1. Sums are kept in double, over the images in order: the
/// result does not depend on the number of threads. Throws ArgumentError for fewer than 1 image or pixel,
/// and for a scale that is not finite.
Normalization fit_per_pixel(PerImage per_image, float scale, const std::uint8_t* images, Index image_count,
                            Index pixels_per_image);

}  // namespace mien::image
