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

// Winograd's F(4x4) multiplies 36 times for 16 outputs of 3x3, 64 times of 5x5; larger tiles multiply less, but
// lose too many digits in fp32. With fewer channels its transforms would be most of the work.
Cost ConvSpec::cost(const Shape& in, const Shape& out_shape) const {
  constexpr Index kLeastChannels = 16;
  const bool fitting = kernel == WindowSize(3) || kernel == WindowSize(5);
  const bool winograd = stride == 1 && fitting && in[0] >= kLeastChannels && out >= kLeastChannels;
  const double edge = static_cast<double>(kernel.height);
  const double each = winograd ? (edge + 3) * (edge + 3) / 16 : static_cast<double>(kernel.size());
  const double products = static_cast<double>(out_shape.size() * in[0]);
  return {.moves = true, .multiplications = products * each, .backward_reads = 2};
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
