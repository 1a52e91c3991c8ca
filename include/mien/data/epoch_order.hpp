// The order in which rows are learned from, another one every epoch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mien::data {

/// A function of (seed, epoch) alone.
class EpochOrder {
 public:
  EpochOrder(std::vector<std::uint32_t> rows, std::uint64_t seed);

  std::size_t size() const { return rows_.size(); }
  /// All rows, as long as no other epoch is asked for.
  std::span<const std::uint32_t> of(std::uint64_t epoch);

 private:
  std::vector<std::uint32_t> rows_;
  std::uint64_t seed_;
  std::uint64_t epoch_ = 0;
  std::vector<std::uint32_t> order_;  // of epoch_; empty before the first one
};

}  // namespace mien::data
