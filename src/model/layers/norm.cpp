#include "mien/model/layers/norm.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace mien::model {

void LrnSpec::place(Placement& at) const {
  at.require_image();
}

namespace {

// So many neighbors summed for each value: sums of two, of four and so on, and what is left over. 9 = 8 + 1
// takes 3 + 1 additions. A running sum would take two, but drift.
double window_additions(Index neighbors) {
  const auto n = static_cast<std::uint64_t>(neighbors);
  return static_cast<double>(std::bit_width(n) + std::popcount(n) - 2);
}

}  // namespace

// For each value, with s = BIAS + ALPHA * (the window's sum of squares): a square, the sum, s, its power, the
// product. Backward the same and s^-beta / s, dy * x * that, its sum over the window, and what joins it to the
// product. Powers are counted as the kernel has them for the usual beta, 0.75.
Cost LrnSpec::cost(const Shape& in, const Shape&) const {
  constexpr double kPower = 16, kPowerOverS = 3;
  const double values = static_cast<double>(in.size());
  const double sum = window_additions(std::min(2 * radius + 1, in[0]));
  const double forward = 1 + sum + 1 + kPower + 1;
  return {.moves = true,
          .backward_reads = 2,
          .others = {.forward = values * forward,
                     .input_gradient = values * (forward + kPowerOverS + 2 + sum + 2)}};
}

void BatchNormSpec::place(Placement& at) const {
  const Shape channels{at.input()[0]};
  at.add_constant("weight", channels, 1);
  at.add_constant("bias", channels, 0);
  at.add_constant("running_mean", channels, 0, false);
  at.add_constant("running_var", channels, 1, false);
}

}  // namespace mien::model
