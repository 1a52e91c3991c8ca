#include "mien/optim/adam.hpp"

#include <cmath>

#include "mien/core/error.hpp"
#include "ops/ops.hpp"

namespace mien::optim {

Adam::Adam(const std::vector<autograd::Parameter*>& parameters, const AdamOptions& options)
    : Optimizer(parameters, {"m", "v"}), options_(options) {
  const auto beta_ok = [](float beta) { return beta >= 0.0f && beta < 1.0f; };
  if (!beta_ok(options.beta1) || !beta_ok(options.beta2)) throw ArgumentError("[adam] betas must be in [0, 1)");
  if (!(options.epsilon > 0.0f)) throw ArgumentError("[adam] epsilon must be above 0");
  if (!(options.weight_decay >= 0.0f)) throw ArgumentError("[adam] weight decay must not be negative");
}

void Adam::begin_step(std::uint64_t step, float learning_rate) {
  const double t = static_cast<double>(step);
  learning_rate_ = learning_rate;
  step_size_ = static_cast<float>(double{learning_rate} / (1.0 - std::pow(double{options_.beta1}, t)));
  inv_sqrt_correction2_ = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(double{options_.beta2}, t)));
}

void Adam::update_chunk(Slot& slot, Index offset, Index size, const float* gradient) {
  const float decay = slot.decays ? options_.weight_decay : 0.0f;
  const ops::AdamParameters p{.beta1 = options_.beta1,
                              .beta2 = options_.beta2,
                              .epsilon = options_.epsilon,
                              .step_size = step_size_,
                              .inv_sqrt_correction2 = inv_sqrt_correction2_,
                              .weight_decay = options_.decoupled ? 0.0f : decay,
                              .decoupled_decay = options_.decoupled ? learning_rate_ * decay : 0.0f};
  ops::adam_chunk(slot.parameter->value.mutable_data() + offset, slot.state[0].mutable_data() + offset,
                  slot.state[1].mutable_data() + offset, gradient, size, p);
}

}  // namespace mien::optim
