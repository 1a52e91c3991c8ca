#include <cmath>

#include "autograd/check.hpp"
#include "autograd/targets.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {
namespace {

constexpr const char* kDistillation = "distillation_loss";

}  // namespace

Variable distillation_loss(const Variable& logits, const Tensor& teacher, const DistillationOptions& options) {
  const Shape shape = logits.shape();
  check_shares(kDistillation, "teacher's probabilities", shape, teacher);
  const float temperature = options.temperature;
  if (!(temperature > 0.0f && std::isfinite(temperature))) fail(kDistillation, "temperature must be above 0");
  const std::vector<float> factors = row_factors(kDistillation, teacher, options.reduction, {});
  const Index classes = shape[1];
  Tensor p = logits.value().clone();
  for (Index i = 0; i < p.size(); ++i) p.mutable_data()[i] /= temperature;
  Tensor log_p = Tensor::uninitialized(shape);
  ops::log_softmax(log_p.mutable_data(), p.data(), shape[0], classes);
  ops::softmax(p.mutable_data(), p.data(), shape[0], classes);
  std::vector<double> losses(static_cast<std::size_t>(shape[0]));
  for (Index i = 0; i < p.size(); ++i) {
    const double q = double{teacher.data()[i]};
    const double entropy = q > 0 ? q * std::log(q) : 0;  // its limit
    losses[static_cast<std::size_t>(i / classes)] += entropy - q * double{log_p.data()[i]};
  }
  for (double& loss : losses) loss *= double{temperature} * double{temperature};
  // d KL / d logits = (p - teacher) / T, and the loss has T^2 before it.
  auto backward = [teacher, p, classes, factors, temperature](const Tensor& dy, InputGradients& gradients) {
    Tensor dz = Tensor::uninitialized(p.shape());
    for (Index i = 0; i < p.size(); ++i) {
      const float upstream = dy.data()[0] * factors[static_cast<std::size_t>(i / classes)] * temperature;
      dz.mutable_data()[i] = upstream * (p.data()[i] - teacher.data()[i]);
    }
    gradients.add(0, Gradient::dense(dz));
  };
  return logits.tape().record(reduced(losses, factors), {logits}, std::move(backward));
}

}  // namespace mien::autograd
