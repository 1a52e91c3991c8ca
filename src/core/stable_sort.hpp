#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace mien::detail {

/// Sorts by `less`; equal values stay in their order. Instead of std::stable_sort, because libstdc++ 12 calls
/// what it has deprecated itself there, which clang from 17 on reports.
template <typename T, typename Less>
void stable_sort(std::vector<T>& values, const Less& less) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (less(values[a], values[b])) return true;
    return a < b && !less(values[b], values[a]);
  });
  std::vector<T> sorted;
  sorted.reserve(values.size());
  for (const std::size_t i : order) sorted.push_back(std::move(values[i]));
  values = std::move(sorted);
}

}  // namespace mien::detail
