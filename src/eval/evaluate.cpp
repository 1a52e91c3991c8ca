#include "mien/eval/evaluate.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "mien/data/batch.hpp"

namespace mien::eval {

Evaluation evaluate(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    const image::Normalization& normalization, const std::vector<std::string>& names,
                    const Classify& classify) {
  Evaluation result{.confusion = Confusion(names)};
  const std::size_t classes = names.size();
  std::vector<float> probabilities(static_cast<std::size_t>(kEvaluationBatch) * classes);
  for (std::size_t begin = 0; begin < rows.size(); begin += static_cast<std::size_t>(kEvaluationBatch)) {
    const std::size_t count = std::min(rows.size() - begin, static_cast<std::size_t>(kEvaluationBatch));
    const data::Batch batch = data::prepare(dataset, rows.subspan(begin, count), normalization);
    classify(probabilities.data(), batch.images.data(), static_cast<Index>(count));
    for (std::size_t i = 0; i < count; ++i) {
      const float* row = probabilities.data() + i * classes;
      const auto predicted = static_cast<int>(std::max_element(row, row + classes) - row);
      result.confusion.add(batch.labels[i], predicted);
      result.loss -= std::log(std::max(double{row[batch.labels[i]]}, double{FLT_MIN}));
    }
  }
  if (!rows.empty()) result.loss /= static_cast<double>(rows.size());
  return result;
}

}  // namespace mien::eval
