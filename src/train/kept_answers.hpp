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

  /// [N][classes] of these rows in this view; undefined unless all of them are known.
  Tensor find(std::uint64_t view, std::span<const std::uint32_t> rows) const;
  void keep(std::uint64_t view, std::span<const std::uint32_t> rows, const Tensor& answers);

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
