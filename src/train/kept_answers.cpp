#include "train/kept_answers.hpp"

#include <algorithm>

namespace mien::train {

Tensor KeptAnswers::find(std::uint64_t view, std::span<const std::uint32_t> rows) const {
  const auto found = views_.find(view);
  if (found == views_.end()) return {};
  const View& kept = found->second;
  if (!std::all_of(rows.begin(), rows.end(), [&](std::uint32_t row) { return kept.known[row]; })) return {};
  Tensor result = Tensor::uninitialized({static_cast<Index>(rows.size()), classes_});
  float* to = result.mutable_data();
  for (const std::uint32_t row : rows) {
    to = std::copy_n(kept.answers.data() + row * static_cast<std::size_t>(classes_), classes_, to);
  }
  return result;
}

void KeptAnswers::keep(std::uint64_t view, std::span<const std::uint32_t> rows, const Tensor& answers) {
  View& kept = views_[view];
  kept.known.resize(rows_);
  kept.answers.resize(rows_ * static_cast<std::size_t>(classes_));
  const float* from = answers.data();
  for (const std::uint32_t row : rows) {
    kept.known[row] = true;
    std::copy_n(from, classes_, kept.answers.data() + row * static_cast<std::size_t>(classes_));
    from += classes_;
  }
}

}  // namespace mien::train
