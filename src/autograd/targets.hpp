// What losses of rows have in common: targets that are shares of classes, and weights of the rows.
#pragma once

#include <span>
#include <vector>

#include "mien/autograd/loss.hpp"

namespace mien::autograd {

using Reduction = CrossEntropyOptions::Reduction;

/// Throws ArgumentError, prefixed with [op], unless outputs and rows are both N x classes and each of `rows`,
/// called `name`, holds shares that sum to 1.
void check_shares(const char* op, const char* name, const Shape& outputs, const Tensor& rows);

/// Throws ArgumentError, prefixed with [op], for smoothing outside [0, 1); gives (1 - s) * target + s /
/// classes.
Tensor smoothed(const char* op, const Tensor& targets, float smoothing);

/// What the loss of each row is multiplied by before all are summed.
std::vector<float> row_factors(const char* op, const Tensor& targets, Reduction reduction,
                               std::span<const float> class_weights);

/// The sum of rows' losses, each times its factor.
Tensor reduced(std::span<const double> losses, std::span<const float> factors);

}  // namespace mien::autograd
