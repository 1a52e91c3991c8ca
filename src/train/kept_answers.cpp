#include "train/kept_answers.hpp"

#include <algorithm>

namespace mien::train {

std::vector<std::size_t> KeptAnswers::unknown(std::uint64_t view, std::span<const std::uint32_t> rows) const {
  const auto found = views_.find(view);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (found == views_.end() || !found->second.known[rows[i]]) places.push_back(i);
  }
  return places;
}

void KeptAnswers::keep(std::uint64_t view, std::uint32_t row, const float* answer) {
  View& kept = views_[view];
  kept.known.resize(rows_);
  kept.answers.resize(rows_ * static_cast<std::size_t>(classes_));
  kept.known[row] = true;
  std::copy_n(answer, classes_, kept.answers.data() + row * static_cast<std::size_t>(classes_));
}

Tensor KeptAnswers::find(std::uint64_t view, std::span<const std::uint32_t> rows) const {
  const View& kept = views_.at(view);
  Tensor result = Tensor::uninitialized({static_cast<Index>(rows.size()), classes_});
  float* to = result.mutable_data();
  for (const std::uint32_t row : rows) {
    to = std::copy_n(kept.answers.data() + row * static_cast<std::size_t>(classes_), classes_, to);
  }
  return result;
}

}  // namespace mien::train
