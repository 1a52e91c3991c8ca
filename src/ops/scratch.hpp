// Memory that chunks of parallel work need while they run.
#pragma once

#include <algorithm>
#include <atomic>
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

/// As parallel_for_ranges, with body(begin, end, scratch): each thread asks once for `floats` values, not for
/// each of its chunks, and keeps them until there are no more chunks.
template <typename Body>
void for_ranges_with_scratch(Index size, Index grain, Index floats, Body body) {
  const Index chunks = (size + grain - 1) / grain;
  const Index workers = std::min<Index>(chunks, mien::detail::in_parallel_work() ? 1 : thread_count());
  reserve_scratch({floats}, workers);
  std::atomic<Index> next{0};
  parallel_for(workers, [&](Index) {
    Tensor scratch = Tensor::uninitialized({floats});
    for (Index chunk = next.fetch_add(1); chunk < chunks; chunk = next.fetch_add(1)) {
      body(chunk * grain, std::min(size, (chunk + 1) * grain), scratch.mutable_data());
    }
  });
}

}  // namespace mien::ops
