// What a step makes small: the loss that the options name, of a batch that may be mixed and taught.
#pragma once

#include <span>
#include <vector>

#include "mien/data/dataset.hpp"
#include "mien/train/options.hpp"

namespace mien::train {

/// Throws ArgumentError for choices that exclude each other, and for numbers out of range.
void check_objective(const TrainOptions& options);

/// One weight a class, so that all classes present weigh the same and rows 1 on average; none where the options
/// want none. Classes without rows get 1: nothing has their label.
std::vector<float> class_weights(const TrainOptions& options, const data::Dataset& dataset,
                                 std::span<const std::uint32_t> rows, std::size_t classes);

/// `teacher` holds probabilities at the options' temperature, [N][classes]; undefined without teachers.
autograd::Variable objective(const TrainOptions& options, const autograd::Variable& logits,
                             const Tensor& targets, std::span<const float> class_weights,
                             const Tensor& teacher);

/// How many rows have their largest logit at the class of their largest target.
Index count_correct(const Tensor& logits, const Tensor& targets);

}  // namespace mien::train
