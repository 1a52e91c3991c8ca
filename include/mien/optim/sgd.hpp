#pragma once

#include "mien/optim/optimizer.hpp"

namespace mien::optim {

/// Numbers of SGD; the learning rate is given with each step.
struct SgdOptions {
  float momentum = 0.0f;  ///< in [0, 1)
  bool nesterov = false;  ///< needs momentum
  float weight_decay = 0.0f;
};

/// Stochastic gradient descent with momentum in PyTorch's form: u = momentum * u + g, w -= rate * u, and
/// w -= rate * (g + momentum * u) for Nesterov (Sutskever et al. 2013).
class Sgd : public Optimizer {
 public:
  /// Throws ArgumentError for options out of range.
  explicit Sgd(const std::vector<autograd::Parameter*>& parameters, const SgdOptions& options = {});
  std::string kind() const override { return "sgd"; }

 private:
  void begin_step(std::uint64_t step, float learning_rate) override;
  void update_chunk(Slot& slot, Index offset, Index size, const float* gradient) override;

  SgdOptions options_;
  float learning_rate_ = 0;
};

}  // namespace mien::optim
