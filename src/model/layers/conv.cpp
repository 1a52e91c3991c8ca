#include "mien/model/layers/conv.hpp"

#include "ops/geometry.hpp"

namespace mien::model {

void ConvSpec::place(Placement& at) const {
  at.require_image();
  const Shape& in = at.input();
  const auto g = ops::conv2d_geometry({in[0], in[1], in[2]}, out, {kernel, stride, padding}, at.name);
  at.output = {out, g.out_height, g.out_width};
  at.add_weight("weight", {out, in[0], kernel.height, kernel.width},
                {.in = in[0] * kernel.size(), .out = out * kernel.size()});
  if (bias) at.add_bias("bias", {out});
}

namespace {

// Winograd's method as the kernels have it. Tiles of six by six outputs are for 3x3 filters alone: the larger
// they are, the less is multiplied and the more digits are lost.
struct Winograd {
  Index outputs, filter;  // edges of a tile and of a filter
  // Operations of the one-dimensional transforms of values, outputs and gradients of outputs. The adjoint of
  // the first takes as many.
  double input, output, output_gradient;

  Index edge() const { return outputs + filter - 1; }
  double tiles(const Shape& out) const {
    const auto along = [&](Index length) { return (length + outputs - 1) / outputs; };
    return static_cast<double>(along(out[1]) * along(out[2]));
  }
  // Of all tiles for one input and output channel.
  double multiplications(const Shape& out) const { return tiles(out) * static_cast<double>(edge() * edge()); }

  // Two dimensions are the columns of what is transformed, then the rows of the result.
  double of_input() const { return static_cast<double>(2 * edge()) * input; }
  double of_output() const { return static_cast<double>(edge() + outputs) * output; }
  double of_output_gradient() const { return static_cast<double>(edge() + outputs) * output_gradient; }
  // A filter's polynomial at a pair of opposite points: its even and odd terms, their sum and difference.
  double of_filter() const {
    const Index pairs = (edge() - 2) / 2;
    return static_cast<double>((filter + edge()) * pairs * (filter + 2));
  }
};

constexpr Winograd kFourByThree{4, 3, 13, 10, 9};
constexpr Winograd kSixByThree{6, 3, 26, 20, 20};
constexpr Winograd kFourByFive{4, 5, 26, 16, 14};

// Backward the inputs are transformed again, since to keep them would move more memory.
Cost winograd_cost(const Winograd& method, Index in, const Shape& out_shape) {
  const double tiles = method.tiles(out_shape);
  const auto inputs = static_cast<double>(in), outputs = static_cast<double>(out_shape[0]);
  const double of_inputs = tiles * inputs * method.of_input();
  const double of_filters = inputs * outputs * method.of_filter();
  return {.moves = true,
          .multiplications = inputs * outputs * method.multiplications(out_shape),
          .backward_reads = 2,
          .others = {.forward = of_inputs + tiles * outputs * method.of_output(),
                     .weights_gradient = of_inputs + tiles * outputs * method.of_output_gradient(),
                     .input_gradient = of_inputs},
          .on_weights = {.forward = of_filters, .weights_gradient = of_filters}};
}

Cost direct_cost(Index products) {
  return {.moves = true, .multiplications = static_cast<double>(products), .backward_reads = 2};
}

bool is_less(const Cost& a, const Cost& b) {
  return a.multiplications + a.others.forward < b.multiplications + b.others.forward;
}

}  // namespace

// The least of all methods. With fewer channels the transforms of Winograd's would be most of the work.
Cost ConvSpec::cost(const Shape& in, const Shape& out_shape) const {
  constexpr Index kLeastChannels = 16;
  Cost least = direct_cost(in[0] * kernel.size() * out_shape.size());
  if (stride != 1 || in[0] < kLeastChannels || out < kLeastChannels) return least;
  for (const Winograd& method : {kFourByThree, kSixByThree, kFourByFive}) {
    if (kernel != WindowSize(method.filter)) continue;
    const Cost cost = winograd_cost(method, in[0], out_shape);
    if (is_less(cost, least)) least = cost;
  }
  return least;
}

void DwConvSpec::place(Placement& at) const {
  at.require_image();
  const Shape& in = at.input();
  const auto g = ops::depthwise_geometry({in[0], in[1], in[2]}, {kernel, stride, padding}, at.name);
  at.output = {in[0], g.out_height, g.out_width};
  at.add_weight("weight", {in[0], 1, kernel, kernel}, {.in = kernel * kernel, .out = kernel * kernel});
  if (bias) at.add_bias("bias", {in[0]});
}

Cost DwConvSpec::cost(const Shape&, const Shape& out_shape) const {
  return {.moves = true,
          .multiplications = static_cast<double>(out_shape.size() * kernel * kernel),
          .backward_reads = 2};
}

}  // namespace mien::model
