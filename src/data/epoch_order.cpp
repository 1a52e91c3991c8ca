#include "mien/data/epoch_order.hpp"

#include <utility>

#include "mien/core/random.hpp"

namespace mien::data {

EpochOrder::EpochOrder(std::vector<std::uint32_t> rows, std::uint64_t seed)
    : rows_(std::move(rows)), seed_(seed) {}

std::span<const std::uint32_t> EpochOrder::of(std::uint64_t epoch) {
  if (order_.empty() || epoch != epoch_) {
    order_ = random_permutation(static_cast<std::uint32_t>(rows_.size()),
                                RandomStream(seed_, RandomPurpose::shuffle, epoch));
    for (std::uint32_t& place : order_) place = rows_[place];
    epoch_ = epoch;
  }
  return order_;
}

}  // namespace mien::data
