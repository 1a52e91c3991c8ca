#include "autograd/targets.hpp"

#include <cmath>

#include "autograd/check.hpp"

namespace mien::autograd {
namespace {

constexpr double kShareTolerance = 1e-3;  // sums of floats

void check_class_weights(const char* op, std::span<const float> weights, Index classes) {
  if (weights.empty()) return;
  if (static_cast<Index>(weights.size()) != classes) {
    fail(op, std::to_string(weights.size()) + " class weights for " + std::to_string(classes) + " classes");
  }
  for (const float weight : weights) {
    if (!(weight >= 0.0f && std::isfinite(weight))) {
      fail(op, "class weights must be finite and not negative, got " + std::to_string(weight));
    }
  }
}

}  // namespace

void check_shares(const char* op, const char* name, const Shape& outputs, const Tensor& rows) {
  if (outputs.rank() != 2 || outputs[0] == 0) {
    fail(op, "expects logits N x classes, got " + outputs.to_string());
  }
  if (rows.shape() != outputs) {
    fail(op, std::string(name) + " are " + rows.shape().to_string() + ", logits are " + outputs.to_string());
  }
  for (Index r = 0; r < outputs[0]; ++r) {
    double sum = 0;
    bool shares = true;
    for (Index c = 0; c < outputs[1]; ++c) {
      const float share = rows.data()[r * outputs[1] + c];
      shares = shares && share >= 0.0f;
      sum += double{share};
    }
    if (!shares || !(std::abs(sum - 1) <= kShareTolerance)) {
      fail(op, std::string(name) + " in row " + std::to_string(r) + " are no shares that sum to 1");
    }
  }
}

Tensor smoothed(const char* op, const Tensor& targets, float smoothing) {
  if (!(smoothing >= 0.0f && smoothing < 1.0f)) fail(op, "label smoothing must be in [0, 1)");
  if (smoothing == 0.0f) return targets;
  const float rest = smoothing / static_cast<float>(targets.dim(1));
  Tensor t = Tensor::uninitialized(targets.shape());
  for (Index i = 0; i < t.size(); ++i) t.mutable_data()[i] = (1.0f - smoothing) * targets.data()[i] + rest;
  return t;
}

std::vector<float> row_factors(const char* op, const Tensor& targets, Reduction reduction,
                               std::span<const float> class_weights) {
  const Index rows = targets.dim(0), classes = targets.dim(1);
  check_class_weights(op, class_weights, classes);
  if (class_weights.empty()) {
    const float factor = reduction == Reduction::mean ? 1.0f / static_cast<float>(rows) : 1.0f;
    return std::vector<float>(static_cast<std::size_t>(rows), factor);
  }
  std::vector<double> weights(static_cast<std::size_t>(rows));
  double total = 0;
  for (Index i = 0; i < targets.size(); ++i) {
    const double part =
        double{targets.data()[i]} * double{class_weights[static_cast<std::size_t>(i % classes)]};
    weights[static_cast<std::size_t>(i / classes)] += part;
    total += part;
  }
  if (total == 0) fail(op, "the class weights of all rows are 0");
  const double divisor = reduction == Reduction::mean ? total : 1;
  std::vector<float> factors;
  for (const double weight : weights) factors.push_back(static_cast<float>(weight / divisor));
  return factors;
}

Tensor reduced(std::span<const double> losses, std::span<const float> factors) {
  double sum = 0;
  for (std::size_t r = 0; r < losses.size(); ++r) sum += losses[r] * double{factors[r]};
  return Tensor::full({}, static_cast<float>(sum));
}

}  // namespace mien::autograd
