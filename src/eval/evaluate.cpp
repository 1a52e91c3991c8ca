#include "mien/eval/evaluate.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/data/audit.hpp"
#include "mien/data/batch.hpp"
#include "mien/eval/calibration.hpp"

namespace mien::eval {

double Subset::accuracy() const {
  return count == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(count);
}

Evaluation evaluate(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const std::vector<std::string>& names, const ClassifyRows& classify) {
  Evaluation result{.confusion = Confusion(names)};
  if (rows.empty()) return result;
  const std::size_t classes = names.size();
  std::vector<float> probabilities(rows.size() * classes);
  for (std::size_t begin = 0; begin < rows.size(); begin += static_cast<std::size_t>(kEvaluationBatch)) {
    const std::size_t count = std::min(rows.size() - begin, static_cast<std::size_t>(kEvaluationBatch));
    classify(probabilities.data() + begin * classes, rows.subspan(begin, count));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float* row = probabilities.data() + i * classes;
    const std::uint8_t label = dataset.labels[rows[i]];
    const auto predicted = static_cast<int>(std::max_element(row, row + classes) - row);
    result.confusion.add(label, predicted);
    result.loss -= std::log(std::max(double{row[label]}, double{FLT_MIN}));
    result.right.push_back(predicted == label);
    result.labels.push_back(label);
  }
  result.loss /= static_cast<double>(rows.size());
  result.calibration_error = expected_calibration_error(probabilities, result.labels);
  result.probabilities = std::move(probabilities);
  return result;
}

Evaluation evaluate(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const image::Normalization& normalization, const std::vector<std::string>& names,
                    const Classify& classify) {
  return evaluate(dataset, rows, names, [&](float* probabilities, std::span<const std::uint32_t> some) {
    const data::Batch batch = data::prepare(dataset, some, normalization);
    classify(probabilities, batch.images.data(), static_cast<Index>(some.size()));
  });
}

std::optional<Subset> without_copies(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                                     const Evaluation& evaluation) {
  if (evaluation.right.size() != rows.size()) {
    throw ArgumentError("[without_copies] an evaluation of " + std::to_string(evaluation.right.size()) +
                        " rows, given " + std::to_string(rows.size()));
  }
  const auto training = [](data::Split split) { return split == data::Split::training; };
  if (std::none_of(dataset.splits.begin(), dataset.splits.end(), training)) return std::nullopt;
  const std::vector<std::uint32_t> copies = data::copies_of_training(dataset);
  Subset result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (training(dataset.splits[rows[i]])) return std::nullopt;
    if (std::binary_search(copies.begin(), copies.end(), rows[i])) continue;
    ++result.count;
    result.correct += evaluation.right[i] ? 1 : 0;
  }
  if (result.count == 0) return std::nullopt;
  return result;
}

}  // namespace mien::eval
