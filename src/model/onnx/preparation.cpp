// Each operator here is one that even small readers know. Among them is OpenCV 4.6, which reduces only over the
// pixels of planes (global pools), has a Max of no constant, combines a batch with constants of one axis less
// only, and does not repeat a smaller operand: means are spread to images (Resize) before they are combined.
#include "model/onnx/preparation.hpp"

#include <cmath>

#include "mien/core/error.hpp"
#include "model/onnx/write.hpp"

namespace mien::model {
namespace {

constexpr float kTangNorm = 100;

// Added to the mean of squares, so that an image of one gray, all zeros by then, is not divided by zero. In
// float it changes no other: already two pixels of a thousand that are one apart have 5e-7.
constexpr float kTiny = 1e-30f;

// What image::PerImage does, to images of one plane; the mean and the norm are those of all channels.
class PerImageNodes {
 public:
  PerImageNodes(OnnxGraph& graph, Index height, Index width) : graph_(graph), pixels_(height * width) {
    extents_ = graph.reals("input.extents", {1, 1, static_cast<float>(height), static_cast<float>(width)});
  }

  std::string center(const std::string& plane) const {
    // The darkest pixel is taken off first: an image of one gray is then exactly 0 whatever its size, and sums
    // of the others lose fewer digits.
    const std::string negative = graph_.node("Neg", "input.negative", {plane});
    const std::string darkest = graph_.node("GlobalMaxPool", "input.minus_darkest", {negative});
    const std::string above = graph_.node("Add", "input.above_darkest", {plane, everywhere(darkest)});
    const std::string level = graph_.node("GlobalAveragePool", "input.level", {above});
    return graph_.node("Sub", "input.centered", {above, everywhere(level)});
  }

  /// (p - m) / |p - m|, except for a factor that goes into `scale`: what is divided by is the root of the mean
  /// of the squares, not of their sum.
  std::string unit(const std::string& centered, double& scale) const {
    const std::string squares = graph_.node("Mul", "input.squares", {centered, centered});
    const std::string mean = graph_.node("GlobalAveragePool", "input.variance", {squares});
    const std::string positive =
        graph_.node("Add", "input.positive", {mean, graph_.scalar("input.tiny", kTiny)});
    const std::string deviation = graph_.node("Sqrt", "input.deviation", {positive});
    scale /= std::sqrt(static_cast<double>(pixels_));
    return graph_.node("Div", "input.unit", {centered, everywhere(deviation)});
  }

 private:
  // One value an image, at each of its pixels.
  std::string everywhere(const std::string& value) const {
    return graph_.node(
        "Resize", value + ".everywhere", {value, "", extents_},
        {onnx_attribute("mode", "nearest"), onnx_attribute("coordinate_transformation_mode", "asymmetric"),
         onnx_attribute("nearest_mode", "floor")});
  }

  OnnxGraph& graph_;
  Index pixels_;
  std::string extents_;
};

std::string add_per_image(OnnxGraph& graph, const ModelSpec& s, image::PerImage per_image, double& scale,
                          std::string value) {
  // The channels one below the other: a single plane, whose pools are of all of them.
  if (s.channels > 1) {
    const std::string shape = graph.integers("input.plane_shape", {-1, 1, s.channels * s.height, s.width});
    value = graph.node("Reshape", "input.plane", {value, shape});
  }
  const PerImageNodes nodes(graph, s.channels * s.height, s.width);
  value = nodes.center(value);
  if (per_image == image::PerImage::norm100) value = nodes.unit(value, scale);
  if (s.channels > 1) {
    const std::string shape = graph.integers("input.shape", {-1, s.channels, s.height, s.width});
    value = graph.node("Reshape", "input.channels", {value, shape});
  }
  return value;
}

}  // namespace

std::string_view onnx_preparation(const image::Normalization& how, OnnxInput input) {
  if (input == OnnxInput::prepared && how.per_image == image::PerImage::center) {
    return "p - m, of the pixels p = 0 .. 255 of one image and their mean m";
  }
  if (input == OnnxInput::prepared && how.per_image == image::PerImage::norm100) {
    return "100 * (p - m) / d, of the pixels p = 0 .. 255 of one image, their mean m and d, the square root of "
           "the sum of all (p - m)^2; 0 where d is 0";
  }
  return "p, the pixels 0 .. 255 as they are";
}

std::string add_preparation(OnnxGraph& graph, const ModelFile& model, OnnxInput input) {
  const image::Normalization& n = model.normalization;
  const Shape sample{model.spec.channels, model.spec.height, model.spec.width};
  const bool by_caller = input == OnnxInput::prepared && n.per_image != image::PerImage::none;
  std::string value = by_caller ? kOnnxPrepared : "image";
  graph.input(value.c_str(), sample, onnx_preparation(n, input));
  double scale = n.scale;
  if (!by_caller && n.per_image == image::PerImage::norm100) scale *= kTangNorm;
  if (!by_caller && n.per_image != image::PerImage::none) {
    value = add_per_image(graph, model.spec, n.per_image, scale, value);
  }
  if (scale != 1) {
    const std::string factor = graph.scalar("input.scale", static_cast<float>(scale));
    value = graph.node("Mul", "input.scaled", {value, factor});
  }
  const auto per_pixel = [&](const char* op, const char* result, const std::string& name,
                             const Tensor& tensor) {
    if (!tensor.defined()) return;
    if (tensor.size() != sample.size()) {
      throw ArgumentError("[write_onnx] " + name + " holds " + std::to_string(tensor.size()) +
                          " values, the image has " + std::to_string(sample.size()) + " pixels");
    }
    value = graph.node(op, result, {value, graph.tensor(name, sample, tensor)});
  };
  per_pixel("Sub", "input.minus_mean", kOnnxMean, n.mean);
  per_pixel("Mul", "input.standardized", kOnnxInvStd, n.inv_std);
  return value;
}

}  // namespace mien::model
