#include "infer/bands.hpp"

#include <algorithm>

#include "mien/core/parallel.hpp"
#include "model/geometry.hpp"
#include "ops/conv_image.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/scratch.hpp"
#include "ops/winograd.hpp"

namespace mien::infer {
namespace {

using model::Node;

// All values of a band: half of a second-level cache. Fewer rows would compute more of the rows between bands
// twice.
constexpr Index kBandFloats = 128 << 10;

// How many rows of all layers a picture in bands may have computed, relative to the picture as a whole.
constexpr double kMostRows = 1.25;

// A band's windows have to have pixels among what they cover.
bool reaches_the_picture(const Node& node) {
  const auto zeros_fit = [&](const auto& s, Index kernel) {
    const Padding zeros = model::covered_zeros(node, s);
    return zeros.top < kernel && zeros.bottom < kernel;
  };
  if (const auto* conv = std::get_if<model::ConvSpec>(&node.spec)) return zeros_fit(*conv, conv->kernel.height);
  const auto* conv = std::get_if<model::DwConvSpec>(&node.spec);
  return conv != nullptr && zeros_fit(*conv, conv->kernel);
}

// Winograd's method is left out: its tiles, and so its rounding, begin where the picture begins.
bool goes_by_rows(const Node& node) {
  if (node.then<model::MaxPoolSpec>() != nullptr || !reaches_the_picture(node)) return false;
  if (const auto* conv = std::get_if<model::ConvSpec>(&node.spec)) {
    return !ops::winograd::fits(model::geometry_of(node, *conv));
  }
  return std::holds_alternative<model::DwConvSpec>(node.spec);
}

// What is asked of the windows of a convolution of either kind.
struct Rows {
  Index kernel = 1, stride = 1, pad_top = 0;
};

Rows rows_of(const Node& node) {
  if (const auto* conv = std::get_if<model::ConvSpec>(&node.spec)) {
    return {conv->kernel.height, conv->stride, model::geometry_of(node, *conv).pad_top};
  }
  const auto& conv = std::get<model::DwConvSpec>(node.spec);
  return {conv.kernel, conv.stride, model::geometry_of(node, conv).pad_top};
}

Index scratch_of(const Node& node) {
  if (const auto* conv = std::get_if<model::ConvSpec>(&node.spec)) {
    return ops::conv2d_image_scratch(model::geometry_of(node, *conv));
  }
  return ops::kernels_in_use().depthwise.workspace(
      model::geometry_of(node, std::get<model::DwConvSpec>(node.spec)));
}

Index floats_in_band(const std::vector<Node>& nodes, std::size_t count) {
  Index floats = nodes[0].input().size();
  for (std::size_t i = 0; i < count; ++i) floats += nodes[i].value_shape().size();
  return floats;
}

// Rows of the last node's value that a band has.
Index rows_in_band(const std::vector<Node>& nodes, std::size_t count) {
  const Index height = nodes[count - 1].value_shape()[1],
              bands = floats_in_band(nodes, count) / kBandFloats + 1;
  return std::max<Index>((height + bands - 1) / bands, 1);
}

Shape with_rows(const Shape& image, Index rows) {
  return {image[0], rows, image[2]};
}

// The rows [first, first + rows) of a node's value and the rows of its input under them, as an image of its
// own.
struct Window {
  Index first_input = 0, input_rows = 0;
  Node node;

  Window(const Node& whole, Index first, Index rows) : node(whole) {
    const Rows r = rows_of(whole);
    const Index top = first * r.stride - r.pad_top;
    const Index bottom = (first + rows - 1) * r.stride - r.pad_top + r.kernel;
    first_input = std::clamp<Index>(top, 0, whole.input()[1]);
    input_rows = std::clamp<Index>(bottom, first_input, whole.input()[1]) - first_input;
    std::visit(
        [&]<class Kind>(Kind& kind) {
          if constexpr (std::is_same_v<Kind, model::ConvSpec> || std::is_same_v<Kind, model::DwConvSpec>) {
            const Padding zeros = model::covered_zeros(whole, kind);
            kind.padding =
                Padding::zeros(first_input - top, zeros.left, bottom - first_input - input_rows, zeros.right);
          }
        },
        node.spec);
    node.input_shapes[0] = with_rows(whole.input(), input_rows);
    node.output = with_rows(whole.output, rows);
    for (Node& next : node.epilogue) next.output = node.output;
  }
};

// The same rows of each channel, of images of `from_rows` and `to_rows` rows.
void copy_rows(float* to, Index to_rows, const float* from, Index from_rows, Index rows, const Shape& image) {
  for (Index c = 0; c < image[0]; ++c) {
    std::copy_n(from + c * from_rows * image[2], rows * image[2], to + c * to_rows * image[2]);
  }
}

// Whether bands of the first `count` nodes pay: what lies between them is computed twice, the more the farther
// the network looks.
bool pays(const std::vector<Node>& nodes, std::size_t count) {
  if (floats_in_band(nodes, count) <= kBandFloats) return false;
  const Index height = nodes[count - 1].value_shape()[1], step = rows_in_band(nodes, count);
  double whole = 0, in_bands = 0;
  for (std::size_t i = 0; i < count; ++i) whole += static_cast<double>(nodes[i].output.size());
  for (Index first = 0; first < height; first += step) {
    Index begin = first, rows = std::min(step, height - first);
    for (std::size_t i = count; i-- > 0;) {
      const Shape& output = nodes[i].output;
      in_bands += static_cast<double>(output.size() / output[1] * rows);
      const Window window(nodes[i], begin, rows);
      begin = window.first_input;
      rows = window.input_rows;
    }
  }
  return in_bands <= kMostRows * whole;
}

}  // namespace

std::size_t banded_nodes(const model::Graph& graph) {
  const std::vector<int> last = model::last_readers(graph);
  std::size_t most = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const int before = static_cast<int>(i) - 1;
    const bool alone = node.inputs == std::vector<int>{before} &&
                       last[model::entry_of(before, graph.nodes.size())] == static_cast<int>(i);
    if (!alone || !goes_by_rows(node)) break;
    if (rows_of(node).stride > 1 && i > 0 && pays(graph.nodes, i + 1)) most = i + 1;
  }
  return most;
}

Bands::Bands(const std::vector<Step>& steps, std::size_t count)
    : input_(steps[0].node.input()), output_(steps[count - 1].node.value_shape()) {
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < count; ++i) nodes.push_back(steps[i].node);
  const Index height = output_[1], rows = rows_in_band(nodes, count);
  for (Index first = 0; first < height; first += rows) {
    add_band(steps, count, first, std::min(rows, height - first));
  }
}

void Bands::add_band(const std::vector<Step>& steps, std::size_t count, Index first, Index rows) {
  Band band{.first = first, .rows = rows};
  Layers layers;
  for (std::size_t i = count; i-- > 0;) {
    Window window(steps[i].node, first, rows);
    Step step = steps[i];
    step.node = std::move(window.node);
    layers.steps.insert(layers.steps.begin(), std::move(step));
    first = window.first_input;
    rows = window.input_rows;
  }
  band.first_input = first;
  layers.input_rows = rows;
  const auto same = [&](const Layers& other) {
    return std::equal(other.steps.begin(), other.steps.end(), layers.steps.begin(),
                      [](const Step& a, const Step& b) {
                        return a.node.input() == b.node.input() && a.node.spec == b.node.spec;
                      });
  };
  band.shape = static_cast<std::size_t>(std::find_if(shapes_.begin(), shapes_.end(), same) - shapes_.begin());
  if (band.shape == shapes_.size()) {
    room_ = std::max(room_, layers.steps[0].node.input().size());
    for (const Step& step : layers.steps) {
      room_ = std::max(room_, step.node.value_shape().size());
      scratch_.push_back(scratch_of(step.node));
    }
    shapes_.push_back(std::move(layers));
  }
  bands_.push_back(band);
}

void Bands::run_band(float* y, const float* x, const Band& band) {
  Layers& layers = shapes_[band.shape];
  Tensor first = Tensor::uninitialized({room_}), second = Tensor::uninitialized({room_});
  float *from = first.mutable_data(), *to = second.mutable_data();
  const Index height = input_[1];
  copy_rows(from, layers.input_rows, x + band.first_input * input_[2], height, layers.input_rows, input_);
  for (Step& step : layers.steps) {
    const float* const inputs[] = {from};
    run_step(step, to, inputs, nullptr, 1);
    std::swap(from, to);
  }
  copy_rows(y + band.first * output_[2], output_[1], from, band.rows, band.rows, output_);
}

void Bands::run(float* y, const float* x) {
  const ops::VerboseCall call("bands", {static_cast<Index>(bands_.size()), input_[0], input_[1], input_[2]});
  for (const Index scratch : scratch_) {
    ops::reserve_scratch({room_, room_, scratch}, static_cast<Index>(bands_.size()));
  }
  parallel_for(static_cast<Index>(bands_.size()), [&](Index i) {
    const ops::QuietCalls quiet;
    run_band(y, x, bands_[static_cast<std::size_t>(i)]);
  });
}

}  // namespace mien::infer
