#include <algorithm>

#include "autograd/check.hpp"
#include "autograd/targets.hpp"

namespace mien::autograd {
namespace {

constexpr const char* kL2Svm = "l2_svm_loss";

}  // namespace

// A class is a row's label for a share t of it and another one for 1 - t, so the sum over labels of their
// shares times their losses is sum over classes of t * max(0, 1 - z)^2 + (1 - t) * max(0, 1 + z)^2.
Variable l2_svm_loss(const Variable& scores, const Tensor& targets, const CrossEntropyOptions& options,
                     std::span<const float> class_weights) {
  const Shape shape = scores.shape();
  check_shares(kL2Svm, "targets", shape, targets);
  if (options.form == CrossEntropyOptions::Form::naive) fail(kL2Svm, "has no naive form");
  const Tensor t = smoothed(kL2Svm, targets, options.label_smoothing);
  const std::vector<float> factors = row_factors(kL2Svm, targets, options.reduction, class_weights);
  const Tensor z = scores.value();
  const Index classes = shape[1];
  std::vector<double> losses(static_cast<std::size_t>(shape[0]));
  for (Index i = 0; i < z.size(); ++i) {
    const double share = double{t.data()[i]}, score = double{z.data()[i]};
    // Not std::max, in which NaN is whatever it is compared with.
    const double below = score < 1 ? 1 - score : score - score, above = score > -1 ? 1 + score : score - score;
    losses[static_cast<std::size_t>(i / classes)] += share * below * below + (1 - share) * above * above;
  }
  auto backward = [t, z, classes, factors](const Tensor& dy, InputGradients& gradients) {
    Tensor dz = Tensor::uninitialized(z.shape());
    for (Index i = 0; i < z.size(); ++i) {
      const float upstream = 2.0f * dy.data()[0] * factors[static_cast<std::size_t>(i / classes)];
      const float share = t.data()[i], score = z.data()[i];
      const float below = score < 1.0f ? 1.0f - score : score - score;
      const float above = score > -1.0f ? 1.0f + score : score - score;
      dz.mutable_data()[i] = upstream * ((1.0f - share) * above - share * below);
    }
    gradients.add(0, Gradient::dense(dz));
  };
  return scores.tape().record(reduced(losses, factors), {scores}, std::move(backward));
}

}  // namespace mien::autograd
