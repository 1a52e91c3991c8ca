// Runs a classifier over rows of a dataset. Training and ferpredict both come here, so that their figures
// are of the same images, prepared and batched in the same way.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "mien/data/dataset.hpp"
#include "mien/eval/confusion.hpp"
#include "mien/image/preprocess.hpp"

namespace mien::eval {

/// A constant, since the rounding of a matrix product may depend on the number of its rows: with one
/// batch size everywhere, the same weights give the same bits.
inline constexpr Index kEvaluationBatch = 64;

/// Writes n rows of class probabilities for n prepared images x [n][1][H][W].
using Classify = std::function<void(float* probabilities, const float* x, Index n)>;

struct Evaluation {
  Confusion confusion;
  double loss = 0;  ///< mean of -log(probability of the label); 0 for no rows
};

/// Ties go to the class with the smaller number. Throws ArgumentError when a label is not below the number
/// of names.
Evaluation evaluate(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const image::Normalization& normalization, const std::vector<std::string>& names,
                    const Classify& classify);

}  // namespace mien::eval
