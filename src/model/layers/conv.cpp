#include "mien/model/layers/conv.hpp"

namespace mien::model {

void ConvSpec::place(Placement& at) const {
  at.require_image();
  at.slide(out, kernel, stride, padding);
  const Index channels = at.input()[0], window = kernel * kernel;
  at.add_weight("weight", {out, channels, kernel, kernel}, {.in = channels * window, .out = out * window});
  if (bias) at.add_bias("bias", {out});
}

// Winograd's F(4x4) multiplies 36 times for 16 outputs of 3x3, 64 times of 5x5; larger tiles multiply less, but
// lose too many digits in fp32. With fewer channels its transforms would be most of the work.
Cost ConvSpec::cost(const Shape& in, const Shape& out_shape) const {
  constexpr Index kLeastChannels = 16;
  const bool winograd =
      stride == 1 && (kernel == 3 || kernel == 5) && in[0] >= kLeastChannels && out >= kLeastChannels;
  const double edge = static_cast<double>(kernel);
  const double each = winograd ? (edge + 3) * (edge + 3) / 16 : edge * edge;
  const double products = static_cast<double>(out_shape.size() * in[0]);
  return {.moves = true, .multiplications = products * each, .backward_reads = 2};
}

}  // namespace mien::model
