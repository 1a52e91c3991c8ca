#include "mien/optim/adam.hpp"

#include <cmath>

#include "mien/core/error.hpp"
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
    : Optimizer(parameters, {"m", "v"}), options_(options) {
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
}

void Adam::update_chunk(Slot& slot, Index offset, Index size, const float* gradient) {
  ops::adam_chunk(slot.parameter->value.mutable_data() + offset, slot.state[0].mutable_data() + offset,
                  slot.state[1].mutable_data() + offset, gradient, size,
                  parameters(options_, slot.decays, learning_rate_, step_size_, inv_sqrt_correction2_));
}

void Adam::update_rows(Slot& slot, const ops::ProductPanels& gradient, Index begin, Index end) {
  gradient.adam(slot.parameter->value.mutable_data(), slot.state[0].mutable_data(),
                slot.state[1].mutable_data(), begin, end,
                parameters(options_, slot.decays, learning_rate_, step_size_, inv_sqrt_correction2_));
}

}  // namespace mien::optim
