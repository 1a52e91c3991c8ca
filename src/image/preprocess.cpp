#include "mien/image/preprocess.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"

namespace mien::image {
namespace {

constexpr double kTangNorm = 100;
constexpr double kStdFloor = 0.01;  // of the root mean square over all pixels
constexpr Index kPixelBlock = 64;   // one cache line of each image
constexpr Index kImageBlock = 256;

/// v = (p - offset) * factor, for all pixels p of one image.
struct ImageTransform {
  double offset = 0;
  double factor = 1;
  double operator()(std::uint8_t pixel) const { return (pixel - offset) * factor; }
};

ImageTransform image_transform(PerImage per_image, double scale, const std::uint8_t* pixels, Index count) {
  if (per_image == PerImage::none) return {0, scale};
  std::uint64_t sum = 0;
  for (Index i = 0; i < count; ++i) sum += pixels[i];
  const double mean = static_cast<double>(sum) / static_cast<double>(count);
  if (per_image == PerImage::center) return {mean, scale};
  double squares = 0;
  for (Index i = 0; i < count; ++i) squares += (pixels[i] - mean) * (pixels[i] - mean);
  // The mean of equal pixels is exact, so an image of one gray gives exactly 0.
  return {mean, squares > 0 ? kTangNorm / std::sqrt(squares) * scale : 0};
}

void check_size(const char* what, const Tensor& tensor, Index count) {
  if (tensor.defined() && tensor.size() != count) {
    throw ArgumentError("[normalize] " + std::string(what) + " holds " + std::to_string(tensor.size()) +
                        " values, the image has " + std::to_string(count) + " pixels");
  }
}

}  // namespace

std::string_view to_string(PerImage per_image) {
  switch (per_image) {
    case PerImage::none:
      return "none";
    case PerImage::center:
      return "center";
    case PerImage::norm100:
      return "norm100";
  }
  return "none";
}

std::optional<PerImage> per_image_named(std::string_view name) {
  for (const PerImage value : {PerImage::none, PerImage::center, PerImage::norm100}) {
    if (name == to_string(value)) return value;
  }
  return std::nullopt;
}

void normalize(float* out, const std::uint8_t* pixels, Index count, const Normalization& how) {
  check_size("mean", how.mean, count);
  check_size("inv_std", how.inv_std, count);
  if (count <= 0) return;
  const ImageTransform transform = image_transform(how.per_image, how.scale, pixels, count);
  const float* mean = how.mean.defined() ? how.mean.data() : nullptr;
  const float* inv_std = how.inv_std.defined() ? how.inv_std.data() : nullptr;
  for (Index i = 0; i < count; ++i) {
    double v = transform(pixels[i]);
    if (mean != nullptr) v -= mean[i];
    if (inv_std != nullptr) v *= inv_std[i];
    out[i] = static_cast<float>(v);
  }
}

Normalization fit_per_pixel(PerImage per_image, float scale, const std::uint8_t* images, Index image_count,
                            Index pixels_per_image) {
  if (image_count < 1 || pixels_per_image < 1) {
    throw ArgumentError("[fit_per_pixel] " + std::to_string(image_count) + " images of " +
                        std::to_string(pixels_per_image) + " pixels");
  }
  if (!std::isfinite(scale)) throw ArgumentError("[fit_per_pixel] scale is not finite");

  std::vector<ImageTransform> transforms(static_cast<std::size_t>(image_count));
  parallel_for_ranges(image_count, kImageBlock, [&](Index begin, Index end) {
    for (Index n = begin; n < end; ++n) {
      transforms[static_cast<std::size_t>(n)] =
          image_transform(per_image, scale, images + n * pixels_per_image, pixels_per_image);
    }
  });

  // Two passes: the variance is summed about the mean, which loses no digits.
  std::vector<double> mean(static_cast<std::size_t>(pixels_per_image), 0.0), variance = mean;
  const double count = static_cast<double>(image_count);
  parallel_for_ranges(pixels_per_image, kPixelBlock, [&](Index begin, Index end) {
    const auto for_each_value = [&](auto&& body) {
      for (Index n = 0; n < image_count; ++n) {
        const std::uint8_t* pixels = images + n * pixels_per_image;
        const ImageTransform transform = transforms[static_cast<std::size_t>(n)];
        for (Index i = begin; i < end; ++i) body(static_cast<std::size_t>(i), transform(pixels[i]));
      }
    };
    for_each_value([&](std::size_t i, double v) { mean[i] += v; });
    for (Index i = begin; i < end; ++i) mean[static_cast<std::size_t>(i)] /= count;
    for_each_value([&](std::size_t i, double v) { variance[i] += (v - mean[i]) * (v - mean[i]); });
    for (Index i = begin; i < end; ++i) variance[static_cast<std::size_t>(i)] /= count;
  });

  double total = 0;
  for (const double v : variance) total += v;
  const double floor = kStdFloor * std::sqrt(total / static_cast<double>(pixels_per_image));

  Normalization result{per_image, scale, Tensor(Shape{pixels_per_image}), Tensor(Shape{pixels_per_image})};
  for (Index i = 0; i < pixels_per_image; ++i) {
    const std::size_t k = static_cast<std::size_t>(i);
    result.mean.mutable_data()[i] = static_cast<float>(mean[k]);
    result.inv_std.mutable_data()[i] =
        floor > 0 ? static_cast<float>(1 / std::max(std::sqrt(variance[k]), floor)) : 1.0F;
  }
  return result;
}

}  // namespace mien::image
