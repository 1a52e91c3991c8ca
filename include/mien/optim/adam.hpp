#pragma once

#include "mien/optim/optimizer.hpp"

namespace mien::optim {

/// Numbers of Adam; the learning rate is given with each step.
struct AdamOptions {
  float beta1 = 0.9f;    ///< in [0, 1)
  float beta2 = 0.999f;  ///< in [0, 1)
  float epsilon = 1e-8f;
  float weight_decay = 0.0f;
  /// false: decay is added to the gradient (Adam with L2). true: weights shrink by learning rate * decay apart
  /// from the gradient (AdamW, Loshchilov & Hutter 2019).
  bool decoupled = false;
  /// How the moments of weight matrices are kept. bf16 ones are rounded up or down at random, with the
  /// probability of what is cut off, by numbers that follow from `seed` and the step.
  Precision moments = Precision::f32;
  std::uint64_t seed = 0;
};

/// Adam (Kingma & Ba 2015) and AdamW.
class Adam : public Optimizer {
 public:
  /// Throws ArgumentError for options out of range.
  explicit Adam(const std::vector<autograd::Parameter*>& parameters, const AdamOptions& options = {});
  std::string kind() const override { return "adam"; }

 private:
  void begin_step(std::uint64_t step, float learning_rate) override;
  void update_chunk(Slot& slot, Index offset, Index size, const float* gradient) override;
  void update_rows(Slot& slot, const ops::ProductPanels& gradient, Index begin, Index end) override;

  AdamOptions options_;
  float learning_rate_ = 0;
  double step_size_ = 0;
  double inv_sqrt_correction2_ = 1;
  std::vector<std::uint16_t> noise_;  // of this step, for rounding; empty when no moment is bf16
};

}  // namespace mien::optim
