// Memory that chunks of parallel work need while they run.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/tensor.hpp"

namespace mien::ops {

namespace detail {
/// Holds tensors of these sizes for so many workers at once, each worker's on the stack: a vector of them would
/// be memory asked for itself.
inline void hold_scratch(std::initializer_list<Index> sizes, Index workers) {
  constexpr std::size_t kMost = 8;
  std::array<Tensor, kMost> held;
  if (sizes.size() > kMost) throw ArgumentError("[scratch] more than 8 tensors a chunk");
  std::transform(sizes.begin(), sizes.end(), held.begin(),
                 [](Index size) { return Tensor::uninitialized({size}); });
  if (workers > 1) hold_scratch(sizes, workers - 1);
}
}  // namespace detail

/// Sees to it that as many of `chunks` chunks as can run at once find tensors of these sizes among the recycled
/// ones. How many do run at once is chance, and without this so would be whether the system is asked for
/// memory. Inside of parallel work chunks run one after the other.
inline void reserve_scratch(std::initializer_list<Index> sizes, Index chunks) {
  const Index workers = mien::detail::in_parallel_work() ? 1 : thread_count();
  if (chunks > 0) detail::hold_scratch(sizes, std::min(chunks, workers));
}

}  // namespace mien::ops
