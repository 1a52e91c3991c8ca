// Runs a classifier over rows of a dataset. Training and ferpredict both come here, so that their figures
// are of the same images, prepared and batched in the same way.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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

/// Writes n rows of class probabilities for n prepared images x [n][C][H][W].
using Classify = std::function<void(float* probabilities, const float* x, Index n)>;
/// Writes rows.size() rows of class probabilities for at most kEvaluationBatch rows of the dataset.
using ClassifyRows = std::function<void(float* probabilities, std::span<const std::uint32_t> rows)>;

/// Some of the rows that were evaluated.
struct Subset {
  Index count = 0;
  Index correct = 0;
  double accuracy() const;  ///< 0 for no rows
};

/// What evaluate() finds out.
struct Evaluation {
  Confusion confusion;
  double loss = 0;                            ///< mean of -log(probability of the label); 0 for no rows
  double calibration_error = 0;               ///< expected_calibration_error; 0 for no rows
  std::vector<bool> right = {};               ///< for each row, in the order given
  std::vector<float> probabilities = {};      ///< [rows][classes], likewise
  std::vector<std::uint8_t> labels = {};      ///< of the rows, likewise
  std::optional<Subset> without_copies = {};  ///< see without_copies(); evaluate leaves it out
};

/// Ties go to the class with the smaller number. Throws ArgumentError when a label is not below the number
/// of names.
Evaluation evaluate(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const image::Normalization& normalization, const std::vector<std::string>& names,
                    const Classify& classify);
/// The same for a classifier that is given the numbers of rows instead of prepared images.
Evaluation evaluate(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const std::vector<std::string>& names, const ClassifyRows& classify);

/// How many of these rows of test splits no Training row equals in every pixel, and how many of those
/// `evaluation` has right: what was learned by heart does not count. Nothing when all of `rows`
/// are copies, some are Training rows themselves, or the dataset has none. Throws ArgumentError when
/// `evaluation` is not one of `rows`.
std::optional<Subset> without_copies(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                                     const Evaluation& evaluation);

}  // namespace mien::eval
