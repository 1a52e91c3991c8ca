// Memory that chunks of parallel work need while they run.
#pragma once

#include <algorithm>
#include <initializer_list>

#include "mien/core/parallel.hpp"
#include "mien/core/tensor.hpp"

namespace mien::ops {

/// Sees to it that as many of `chunks` chunks as can run at once find tensors of these sizes among the recycled
/// ones. How many do run at once is chance, and without this so would be whether the system is asked for
/// memory. Inside of parallel work chunks run one after the other.
inline void reserve_scratch(std::initializer_list<Index> sizes, Index chunks) {
  if (chunks <= 0) return;
  const Index workers = mien::detail::in_parallel_work() ? 1 : thread_count();
  for (const Index size : sizes) {
    Tensor::reserve(size, std::min(chunks, workers) * std::count(sizes.begin(), sizes.end(), size));
  }
}

}  // namespace mien::ops
