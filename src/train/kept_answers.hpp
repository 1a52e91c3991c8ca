// What teachers have said of views that come again.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "mien/core/tensor.hpp"

namespace mien::train {

class KeptAnswers {
 public:
  /// `rows` of a dataset, answers of `classes` values each.
  KeptAnswers(std::size_t rows, Index classes) : rows_(rows), classes_(classes) {}

  /// The places of those among the rows that are not known in this view.
  std::vector<std::size_t> unknown(std::uint64_t view, std::span<const std::uint32_t> rows) const;
  /// The answer of one row, `classes` values.
  void keep(std::uint64_t view, std::uint32_t row, const float* answer);
  /// [N][classes] of these rows in this view, all of which are known.
  Tensor find(std::uint64_t view, std::span<const std::uint32_t> rows) const;

 private:
  struct View {
    std::vector<bool> known;
    std::vector<float> answers;
  };

  std::size_t rows_;
  Index classes_;
  std::map<std::uint64_t, View> views_;
};

}  // namespace mien::train
