// What training makes small: losses of a batch against labels, shares of labels, or what teachers say. Each is
// one value. Errors as in ops.hpp.
#pragma once

#include <cstdint>
#include <span>

#include "mien/autograd/tape.hpp"

namespace mien::autograd {

/// How the losses of the rows become one value, and what a target is.
struct CrossEntropyOptions {
  /// mean: divided by the number of rows, or by their weights. sum: not divided.
  enum class Reduction { mean, sum };
  /// fused: from log-softmax, stable for any logits. naive: -sum(y * log(softmax)) as printed in the paper
  /// this project started from, where 0 * log(0) is NaN once a probability underflows; kept to show what
  /// that does.
  enum class Form { fused, naive };
  Reduction reduction = Reduction::mean;
  Form form = Form::fused;
  float label_smoothing = 0;  ///< in [0, 1): share of the target spread evenly over the classes; fused only
};

/// The targets that plain labels are: [labels][classes], 1 at each label. Throws ArgumentError for a label
/// that is no class.
Tensor one_hot(std::span<const std::uint8_t> labels, Index classes);

/// -sum over classes of target * log(softmax(logits)), for logits [N][classes] against targets [N][classes],
/// whose rows are shares that sum to 1. `class_weights`, finite and not negative, one a class or none at all,
/// weigh rows: each by the sum over its classes of target * class weight, before smoothing. The mean is then
/// divided by the sum of these weights, as PyTorch does for labels.
Variable softmax_cross_entropy(const Variable& logits, const Tensor& targets,
                               const CrossEntropyOptions& options = {},
                               std::span<const float> class_weights = {});
/// The same against N labels in 0 .. classes-1.
Variable softmax_cross_entropy(const Variable& logits, std::span<const std::uint8_t> labels,
                               const CrossEntropyOptions& options = {},
                               std::span<const float> class_weights = {});

/// The squared hinge loss of one-vs-rest support vector machines (Tang, arXiv:1306.0239): a row with label k
/// costs sum over classes c of max(0, 1 - t_c * score_c)^2, t_c being 1 for c = k and -1 for the others; a row
/// of shares costs as much as its labels do, in these shares. Reduction, smoothing and weights are those of
/// softmax_cross_entropy; there is no naive form.
Variable l2_svm_loss(const Variable& scores, const Tensor& targets, const CrossEntropyOptions& options = {},
                     std::span<const float> class_weights = {});

/// How a teacher is imitated.
struct DistillationOptions {
  float temperature = 4;  ///< T, above 0
  CrossEntropyOptions::Reduction reduction = CrossEntropyOptions::Reduction::mean;
};

/// T^2 * KL(teacher || softmax(logits / T)) for logits and teacher [N][classes], the latter's rows being
/// probabilities at this temperature already. T^2 keeps gradients as large as those of the hard loss beside it
/// (Hinton, Vinyals, Dean, arXiv:1503.02531).
Variable distillation_loss(const Variable& logits, const Tensor& teacher,
                           const DistillationOptions& options = {});

}  // namespace mien::autograd
