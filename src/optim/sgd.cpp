#include "mien/optim/sgd.hpp"

#include "mien/core/error.hpp"
#include "ops/ops.hpp"

namespace mien::optim {

Sgd::Sgd(const std::vector<autograd::Parameter*>& parameters, const SgdOptions& options)
    : Optimizer(parameters,
                options.momentum > 0.0f ? std::vector<std::string>{"velocity"} : std::vector<std::string>{}),
      options_(options) {
  if (!(options.momentum >= 0.0f && options.momentum < 1.0f)) {
    throw ArgumentError("[sgd] momentum must be in [0, 1)");
  }
  if (options.nesterov && options.momentum == 0.0f) throw ArgumentError("[sgd] Nesterov needs momentum");
  if (!(options.weight_decay >= 0.0f)) throw ArgumentError("[sgd] weight decay must not be negative");
}

void Sgd::begin_step(std::uint64_t, float learning_rate) {
  learning_rate_ = learning_rate;
}

void Sgd::update_chunk(Slot& slot, Index offset, Index size, const float* gradient) {
  const ops::SgdParameters p{.learning_rate = learning_rate_,
                             .momentum = options_.momentum,
                             .weight_decay = slot.decays ? options_.weight_decay : 0.0f,
                             .nesterov = options_.nesterov};
  float* velocity = slot.state.empty() ? nullptr : slot.state[0].f32() + offset;
  ops::sgd_chunk(slot.parameter->value.mutable_data() + offset, velocity, gradient, size, p);
}

}  // namespace mien::optim
