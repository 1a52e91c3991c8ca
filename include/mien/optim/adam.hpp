#pragma once

#include "mien/optim/optimizer.hpp"

namespace mien::optim {

struct AdamOptions {
  float beta1 = 0.9f;    ///< in [0, 1)
  float beta2 = 0.999f;  ///< in [0, 1)
  float epsilon = 1e-8f;
  float weight_decay = 0.0f;
  /// false: decay is added to the gradient (Adam with L2). true: weights shrink by learning rate * decay apart
  /// from the gradient (AdamW, Loshchilov & Hutter 2019).
  bool decoupled = false;
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
};

}  // namespace mien::optim
