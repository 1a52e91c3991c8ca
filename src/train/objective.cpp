#include "train/objective.hpp"

#include <algorithm>

#include "mien/core/error.hpp"
#include "mien/train/option_rows.hpp"

namespace mien::train {

using autograd::Variable;

void check_objective(const TrainOptions& options) {
  using Form = autograd::CrossEntropyOptions::Form;
  if (options.loss_kind == LossKind::l2svm && options.loss.form == Form::naive) {
    throw ArgumentError(
        "[train] the literal recipe's form of the loss is one of softmax, there is none of l2svm");
  }
  if (options.loss.form == Form::naive && options.loss.label_smoothing > 0.0f) {
    throw ArgumentError("[train] the literal recipe's form of the loss takes no label smoothing");
  }
  if (options.distillation.views > 0 && (options.mix.mixup > 0 || options.mix.cutmix > 0)) {
    throw ArgumentError(
        "[train] --teacher-views does not go with --mixup and --cutmix: mixed images do not come again");
  }
  check_ranges(options);
}

std::vector<float> class_weights(const TrainOptions& options, const data::Dataset& dataset,
                                 std::span<const std::uint32_t> rows, std::size_t classes) {
  if (options.class_weights == ClassWeights::none) return {};
  std::vector<std::size_t> counts(classes);
  for (const std::uint32_t row : rows) ++counts.at(dataset.labels[row]);
  const auto present = classes - static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0u));
  std::vector<float> weights;
  for (const std::size_t count : counts) {
    const double even = static_cast<double>(rows.size()) / static_cast<double>(present);
    weights.push_back(count == 0 ? 1.0f : static_cast<float>(even / static_cast<double>(count)));
  }
  return weights;
}

Variable objective(const TrainOptions& options, const Variable& logits, const Tensor& targets,
                   std::span<const float> class_weights, const Tensor& teacher) {
  const Variable hard = options.loss_kind == LossKind::softmax
                            ? autograd::softmax_cross_entropy(logits, targets, options.loss, class_weights)
                            : autograd::l2_svm_loss(logits, targets, options.loss, class_weights);
  if (!teacher.defined()) return hard;
  const Distillation& d = options.distillation;
  const Variable soft = autograd::distillation_loss(
      logits, teacher, {.temperature = d.temperature, .reduction = options.loss.reduction});
  return autograd::add(autograd::scale(hard, 1.0f - d.weight), autograd::scale(soft, d.weight));
}

Index count_correct(const Tensor& logits, const Tensor& targets) {
  const Index classes = logits.dim(1);
  const auto largest = [classes](const Tensor& rows, Index r) {
    const float* row = rows.data() + r * classes;
    return std::max_element(row, row + classes) - row;
  };
  Index correct = 0;
  for (Index r = 0; r < logits.dim(0); ++r) {
    if (largest(logits, r) == largest(targets, r)) ++correct;
  }
  return correct;
}

}  // namespace mien::train
