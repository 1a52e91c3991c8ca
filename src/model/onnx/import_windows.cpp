// Operators whose window slides over an image, and those that have one for all of it.
#include <algorithm>
#include <array>

#include "mien/core/text.hpp"
#include "model/onnx/import.hpp"

namespace mien::model {
namespace {

constexpr Index kMaxWindow = 4096;  // of any number of a window, so that none of their sums can overflow

struct ImportedAxis {
  Index extent, kernel, before, after, output;
};

struct ImportedWindow {
  std::array<ImportedAxis, 2> axes;
  Index stride = 1;

  bool padded() const {
    return std::any_of(axes.begin(), axes.end(), [&](const ImportedAxis& axis) {
      return axis.before > 0 || (axis.output - 1) * stride + axis.kernel > axis.extent;
    });
  }
  Shape output(Index channels) const { return {channels, axes[0].output, axes[1].output}; }
};

std::string numbers_text(const std::vector<Index>& values) {
  std::string text;
  for (const Index value : values) text += " " + std::to_string(value);
  return text;
}

std::vector<Index> window_numbers(const ImportNode& node, const char* name, std::size_t count, Index low,
                                  Index otherwise) {
  std::vector<Index> values = node.integers(name).value_or(std::vector<Index>(count, otherwise));
  const bool fits = std::all_of(values.begin(), values.end(),
                                [&](Index value) { return value >= low && value <= kMaxWindow; });
  if (values.size() != count) {
    node.fail(std::string(name) + " of " + std::to_string(values.size()) + " numbers, expected " +
              std::to_string(count));
  }
  if (!fits) node.fail(std::string(name) + numbers_text(values) + " are not supported");
  return values;
}

void pad_same(ImportedAxis& axis, Index stride, bool odd_in_front) {
  axis.output = (axis.extent - 1) / stride + 1;
  const Index total = std::max<Index>((axis.output - 1) * stride + axis.kernel - axis.extent, 0);
  axis.before = odd_in_front ? total - total / 2 : total / 2;
  axis.after = total - axis.before;
}

void place_windows(const ImportNode& node, ImportedAxis& axis, Index stride, bool ceil) {
  const Index room = axis.extent + axis.before + axis.after - axis.kernel;
  if (room < 0) node.fail("its window does not fit into the image");
  axis.output = room / stride + 1;
  // One more that lies partly outside, unless it would begin there.
  const bool one_more = ceil && room % stride != 0 && axis.output * stride < axis.extent + axis.before;
  if (!one_more) return;
  axis.output += 1;
  axis.after = (axis.output - 1) * stride + axis.kernel - axis.extent - axis.before;
}

ImportedWindow window_of(const ImportNode& node, const Shape& image, const std::vector<Index>& kernel) {
  const std::vector<Index> strides = window_numbers(node, "strides", 2, 1, 1);
  const std::vector<Index> dilations = window_numbers(node, "dilations", 2, 1, 1);
  const std::vector<Index> pads = window_numbers(node, "pads", 4, 0, 0);
  const std::string how = node.text("auto_pad", "NOTSET");
  const bool ceil = node.integer("ceil_mode", 0) != 0;
  if (strides[0] != strides[1]) node.fail("strides" + numbers_text(strides) + " are not supported");
  if (dilations != std::vector<Index>{1, 1})
    node.fail("dilations" + numbers_text(dilations) + " are not supported");
  ImportedWindow window;
  window.stride = strides[0];
  for (std::size_t i = 0; i < 2; ++i) {
    ImportedAxis& axis = window.axes[i];
    axis = {.extent = image[i + 1], .kernel = kernel[i], .before = pads[i], .after = pads[i + 2], .output = 0};
    if (how == "SAME_UPPER" || how == "SAME_LOWER") {
      pad_same(axis, window.stride, how == "SAME_LOWER");
    } else if (how == "NOTSET" || how == "VALID") {
      if (how == "VALID") axis.before = axis.after = 0;
      place_windows(node, axis, window.stride, ceil);
    } else {
      node.fail("auto_pad " + quote(how) + " is not supported");
    }
  }
  return window;
}

bool is_valid(const ImportedAxis& axis, Index stride) {
  return axis.before == 0 && (axis.output - 1) * stride + axis.kernel <= axis.extent;
}

bool is_same(const ImportedAxis& axis, Index stride) {
  const WindowAxis same = window_axis(axis.extent, axis.kernel, stride, Padding::same.rows(), "import");
  return axis.before == same.pad_before && axis.output == same.output;
}

// Where several say the same, what convolutions (`same`) and pools have where nothing is said.
std::string padding_text(const ImportedWindow& window, bool prefer_same) {
  const auto& [rows, columns] = window.axes;
  const bool valid = is_valid(rows, window.stride) && is_valid(columns, window.stride);
  const bool same = is_same(rows, window.stride) && is_same(columns, window.stride);
  if (same && (prefer_same || !valid)) return " same";
  if (valid) return " valid";
  const std::vector<Index> pads = {rows.before, columns.before, rows.after, columns.after};
  const bool equal = std::all_of(pads.begin(), pads.end(), [&](Index pad) { return pad == pads[0]; });
  return " pad" + numbers_text(equal ? std::vector<Index>{pads[0]} : pads);
}

std::string kernel_text(const std::vector<Index>& kernel) {
  const std::string rows = std::to_string(kernel[0]);
  return " " + (kernel[0] == kernel[1] ? rows : rows + "x" + std::to_string(kernel[1]));
}

ImportValue image_of(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.value(node, 0);
  if (!from.is_image()) node.fail("its input is no image");
  return from;
}

ImportValue add_global_pool(Importer& importer, const ImportNode& node, const ImportValue& from, bool planes) {
  ImportValue result = importer.add(node, "globalpool", from, {from.shape[0]});
  result.planes = planes;
  return result;
}

void import_pool(Importer& importer, const ImportNode& node, const char* kind) {
  const ImportValue from = image_of(importer, node);
  if (!node.integers("kernel_shape")) node.fail("it has no kernel_shape");
  const std::vector<Index> kernel = window_numbers(node, "kernel_shape", 2, 1, 1);
  const ImportedWindow window = window_of(node, from.shape, kernel);
  const bool average = std::string_view(kind) == "avgpool";
  if (average && node.integer("count_include_pad", 0) != 0 && window.padded()) {
    node.fail("count_include_pad is not supported where there is padding");
  }
  const Shape output = window.output(from.shape[0]);
  const bool whole = kernel[0] == from.shape[1] && kernel[1] == from.shape[2] && !window.padded();
  if (average && whole) return importer.set_value(node, add_global_pool(importer, node, from, true));
  const std::string text =
      kind + kernel_text(kernel) + " " + std::to_string(window.stride) + padding_text(window, false);
  importer.set_value(node, importer.add(node, text, from, output));
}

// A filter for each channel and value: a dense layer.
void import_conv_of_values(Importer& importer, const ImportNode& node, const ImportValue& from,
                           const Tensor& filters) {
  const std::vector<Index> pads = window_numbers(node, "pads", 4, 0, 0);
  const bool one = filters.dim(2) == 1 && filters.dim(3) == 1 && pads == std::vector<Index>(4, 0);
  if (!one || filters.dim(1) != from.shape.size()) {
    node.fail("on an image of one pixel only filters of 1 x 1 for all channels are supported");
  }
  for (const char* of_no_matter : {"strides", "dilations", "auto_pad"}) (void)node.find(of_no_matter);
  std::string result = node.output();
  const Index out = filters.dim(0);
  const bool has_bias = !node.input(2).empty();
  std::optional<Tensor> bias =
      has_bias ? importer.reals(node, 2) : take_bias(importer, node, out, true, result);
  std::vector<Tensor> weights = {importer.transposed(node, filters.reshape({out, from.shape.size()}))};
  if (bias) weights.push_back(*bias);
  const std::string text = "dense " + std::to_string(out) + (bias ? "" : " nobias");
  importer.set_value(node, result, importer.add(node, text, from, {out}, std::move(weights)));
}

}  // namespace

void import_conv(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.value(node, 0);
  const Tensor filters = importer.reals(node, 1);
  if (filters.shape().rank() != 4 || filters.size() == 0) {
    node.fail("filters of " + filters.shape().to_string() + " are not supported");
  }
  const std::vector<Index> kernel = {filters.dim(2), filters.dim(3)};
  if (node.integers("kernel_shape").value_or(kernel) != kernel)
    node.fail("kernel_shape is not that of the filters");
  if (kernel[0] > kMaxWindow || kernel[1] > kMaxWindow) node.fail("its filters are too large");
  const Index groups = node.integer("group", 1);
  if (from.is_vector() && from.planes && groups == 1)
    return import_conv_of_values(importer, node, from, filters);
  if (!from.is_image()) node.fail("its input is no image");
  const Index channels = from.shape[0], out = filters.dim(0);
  const bool depthwise = groups > 1 && groups == channels && out == channels;
  if (groups != 1 && !depthwise) {
    node.fail("group " + std::to_string(groups) + " is not supported for " + std::to_string(channels) + " to " +
              std::to_string(out) + " channels; 1 is, and one for each of as many channels");
  }
  if (filters.dim(1) != (depthwise ? 1 : channels)) {
    node.fail("filters of " + filters.shape().to_string() + " do not fit " + std::to_string(channels) +
              " channels");
  }
  const ImportedWindow window = window_of(node, from.shape, kernel);
  std::string result = node.output();
  const bool has_bias = !node.input(2).empty();
  std::optional<Tensor> bias =
      has_bias ? importer.reals(node, 2) : take_bias(importer, node, out, true, result);
  std::vector<Tensor> weights = {filters};
  if (bias) weights.push_back(*bias);
  std::string text = depthwise ? "dwconv" : "conv " + std::to_string(out);
  text += kernel_text(kernel) + padding_text(window, true);
  if (window.stride > 1) text += " stride " + std::to_string(window.stride);
  if (!bias) text += " nobias";
  importer.set_value(node, result, importer.add(node, text, from, window.output(out), std::move(weights)));
}

void import_max_pool(Importer& importer, const ImportNode& node) {
  (void)node.find("storage_order");  // of the places of maxima, an output that is not supported
  import_pool(importer, node, "maxpool");
}

void import_average_pool(Importer& importer, const ImportNode& node) {
  import_pool(importer, node, "avgpool");
}

void import_global_average_pool(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.value(node, 0);
  if (from.is_vector() && from.planes) return importer.set_value(node, from);
  importer.set_value(node, add_global_pool(importer, node, image_of(importer, node), true));
}

void import_reduce_mean(Importer& importer, const ImportNode& node) {
  const ImportValue from = image_of(importer, node);
  const bool planes = node.integer("keepdims", 1) != 0;
  (void)node.find("noop_with_empty_axes");  // the axes are not empty
  const auto axes = axes_of(importer, node);
  if (!axes || from_front(*axes, 4) != std::vector<Index>{2, 3}) {
    node.fail("only means over axes 2 and 3, height and width, are supported");
  }
  importer.set_value(node, add_global_pool(importer, node, from, planes));
}

namespace {

// Which pixel is the nearest, for each combination that gives every pixel four places.
bool doubles_pixels(const std::string& coordinates, const std::string& rounding) {
  const bool rounds = rounding == "round_prefer_floor" || rounding == "round_prefer_ceil";
  if (coordinates == "asymmetric") return rounding == "floor" || rounding == "round_prefer_floor";
  return rounds && (coordinates == "half_pixel" || coordinates == "pytorch_half_pixel" ||
                    coordinates == "half_pixel_symmetric");
}

void add_upsampling(Importer& importer, const ImportNode& node, const ImportValue& from) {
  const Shape& s = from.shape;
  importer.set_value(node, importer.add(node, "upsample", from, {s[0], 2 * s[1], 2 * s[2]}));
}

bool is_double(const Tensor& scales) {
  const std::vector<float> expected = {1, 1, 2, 2};
  return std::equal(scales.values().begin(), scales.values().end(), expected.begin(), expected.end());
}

}  // namespace

void import_resize(Importer& importer, const ImportNode& node) {
  const ImportValue from = image_of(importer, node);
  const bool first = importer.opset() < 11;  // had scales alone, and rounded down
  const std::string mode = node.text("mode", "nearest");
  const std::string coordinates =
      node.text("coordinate_transformation_mode", first ? "asymmetric" : "half_pixel");
  const std::string rounding = node.text("nearest_mode", first ? "floor" : "round_prefer_floor");
  // What these say concerns other modes, or sizes that are not given.
  for (const char* name :
       {"cubic_coeff_a", "exclude_outside", "extrapolation_value", "keep_aspect_ratio_policy"}) {
    (void)node.find(name);
  }
  if (mode != "nearest" || !doubles_pixels(coordinates, rounding)) {
    node.fail("mode " + quote(mode) + ", " + quote(coordinates) + ", " + quote(rounding) +
              " is not supported; nearest is, each pixel becoming four");
  }
  const std::size_t scales = first ? 1 : 2;
  bool twice = false;
  if (!node.input(scales).empty() && importer.reals(node, scales).size() > 0) {
    twice = is_double(importer.reals(node, scales));
  } else if (const auto sizes = importer.integers(node, 3); sizes && sizes->size() == 4) {
    const std::vector<Index> expected = {(*sizes)[0], from.shape[0], 2 * from.shape[1], 2 * from.shape[2]};
    twice = importer.is_batch((*sizes)[0]) && *sizes == expected;
  }
  if (!twice) node.fail("only twice the height and width are supported");
  add_upsampling(importer, node, from);
}

void import_upsample(Importer& importer, const ImportNode& node) {
  const ImportValue from = image_of(importer, node);
  if (const std::string mode = node.text("mode", "nearest"); mode != "nearest") {
    node.fail("mode " + quote(mode) + " is not supported");
  }
  bool twice = false;
  if (const OnnxAttribute* scales = node.find("scales")) {
    twice = scales->reals == std::vector<float>{1, 1, 2, 2};
  } else {
    twice = is_double(importer.reals(node, 1));
  }
  if (!twice) node.fail("only twice the height and width are supported");
  add_upsampling(importer, node, from);
}

}  // namespace mien::model
