#include "mien/optim/adam.hpp"

#include <cmath>

#include "mien/core/error.hpp"
#include "mien/core/random.hpp"
#include "ops/ops.hpp"

namespace mien::optim {
namespace {

ops::AdamParameters parameters(const AdamOptions& options, bool decays, float learning_rate, double step_size,
                               double inv_sqrt_correction2) {
  const float decay = decays ? options.weight_decay : 0.0f;
  return {.beta1 = options.beta1,
          .beta2 = options.beta2,
          .epsilon = options.epsilon,
          .step_size = step_size,
          .inv_sqrt_correction2 = inv_sqrt_correction2,
          .weight_decay = options.decoupled ? 0.0f : decay,
          .decoupled_decay = options.decoupled ? learning_rate * decay : 0.0f};
}

}  // namespace

Adam::Adam(const std::vector<autograd::Parameter*>& parameters, const AdamOptions& options)
    : Optimizer(parameters, {"m", "v"}, options.moments), options_(options) {
  const auto beta_ok = [](float beta) { return beta >= 0.0f && beta < 1.0f; };
  if (!beta_ok(options.beta1) || !beta_ok(options.beta2)) throw ArgumentError("[adam] betas must be in [0, 1)");
  if (!(options.epsilon > 0.0f)) throw ArgumentError("[adam] epsilon must be above 0");
  if (!(options.weight_decay >= 0.0f)) throw ArgumentError("[adam] weight decay must not be negative");
}

void Adam::begin_step(std::uint64_t step, float learning_rate) {
  const double t = static_cast<double>(step);
  learning_rate_ = learning_rate;
  step_size_ = double{learning_rate} / (1.0 - std::pow(double{options_.beta1}, t));
  inv_sqrt_correction2_ = 1.0 / std::sqrt(1.0 - std::pow(double{options_.beta2}, t));
  if (options_.moments == Precision::f32) return;
  noise_.resize(static_cast<std::size_t>(ops::Dither::kSize));
  RandomStream random(options_.seed, RandomPurpose::rounding, step);
  for (std::uint16_t& value : noise_) value = static_cast<std::uint16_t>(random.next_u32() >> 16);
}

void Adam::update_chunk(Slot& slot, Index offset, Index size, const float* gradient) {
  const ops::AdamParameters p =
      parameters(options_, slot.decays, learning_rate_, step_size_, inv_sqrt_correction2_);
  float* w = slot.parameter->value.mutable_data() + offset;
  Moment& m = slot.state[0];
  Moment& v = slot.state[1];
  if (m.precision() == Precision::bf16) {
    ops::adam_half_chunk(w, m.bf16() + offset, v.bf16() + offset, gradient, size, p, {noise_.data(), offset});
  } else {
    ops::adam_chunk(w, m.f32() + offset, v.f32() + offset, gradient, size, p);
  }
}

void Adam::update_rows(Slot& slot, const ops::ProductPanels& gradient, Index begin, Index end) {
  const Index columns = slot.parameter->value.dim(1);
  if (!gradient.fits_adam()) {
    Optimizer::update_rows(slot, gradient, begin, end);
    return;
  }
  const ops::AdamParameters p =
      parameters(options_, slot.decays, learning_rate_, step_size_, inv_sqrt_correction2_);
  const Index offset = slot.first + begin * columns;
  float* w = slot.parameter->value.mutable_data() + offset;
  Moment& m = slot.state[0];
  Moment& v = slot.state[1];
  if (m.precision() == Precision::bf16) {
    gradient.adam_half(w, m.bf16() + offset, v.bf16() + offset, begin, end, p, {noise_.data(), offset});
  } else {
    gradient.adam(w, m.f32() + offset, v.f32() + offset, begin, end, p);
  }
}

}  // namespace mien::optim
