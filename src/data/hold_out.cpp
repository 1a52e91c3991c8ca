#include "data/hold_out.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace mien::data::detail {

std::uint64_t hold_out_hash(std::span<const std::uint8_t> bytes) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001B3u;
  hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93u;
  return hash ^ (hash >> 32);
}

Index hold_out(std::span<const std::uint64_t> hashes, std::span<const std::uint8_t> labels,
               std::span<Split> splits) {
  Index held = 0;
  const std::size_t classes =
      labels.empty() ? 0 : std::size_t{*std::max_element(labels.begin(), labels.end())} + 1;
  for (std::size_t label = 0; label < classes; ++label) {
    std::vector<std::pair<std::uint64_t, std::size_t>> order;
    for (std::size_t i = 0; i < splits.size(); ++i) {
      if (splits[i] == Split::training && labels[i] == label) order.emplace_back(hashes[i], i);
    }
    std::sort(order.begin(), order.end());
    order.resize((order.size() + 5) / 10);
    for (const auto& [hash, i] : order) splits[i] = Split::public_test;
    held += static_cast<Index>(order.size());
  }
  return held;
}

}  // namespace mien::data::detail
