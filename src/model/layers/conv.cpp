#include "mien/model/layers/conv.hpp"

#include <algorithm>

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

// Of all tiles for one input and output channel by Winograd's method. Tiles of six by six outputs are for 3x3
// filters alone: the larger they are, the less is multiplied and the more digits are lost.
double winograd_multiplications(const Shape& out, Index edge) {
  const auto tiled = [&](Index outputs) {
    const auto tiles = [&](Index length) { return (length + outputs - 1) / outputs; };
    const Index points = (edge + outputs - 1) * (edge + outputs - 1);
    return static_cast<double>(tiles(out[1]) * tiles(out[2]) * points);
  };
  return edge == 3 ? std::min(tiled(4), tiled(6)) : tiled(4);
}

}  // namespace

// With fewer channels the transforms of Winograd's method would be most of the work.
Cost ConvSpec::cost(const Shape& in, const Shape& out_shape) const {
  constexpr Index kLeastChannels = 16;
  const bool fitting = kernel == WindowSize(3) || kernel == WindowSize(5);
  const bool winograd = stride == 1 && fitting && in[0] >= kLeastChannels && out >= kLeastChannels;
  const double each = winograd ? winograd_multiplications(out_shape, kernel.height)
                               : static_cast<double>(kernel.size() * out_shape[1] * out_shape[2]);
  return {.moves = true, .multiplications = static_cast<double>(in[0] * out) * each, .backward_reads = 2};
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
