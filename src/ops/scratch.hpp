// Memory that chunks of parallel work need while they run.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "mien/core/parallel.hpp"
#include "mien/core/tensor.hpp"

namespace mien::ops {

/// Sees to it that as many of `chunks` chunks as can run at once find tensors of these sizes among the recycled
/// ones. How many do run at once is chance, and without this so would be whether the system is asked for
/// memory.
inline void reserve_scratch(std::initializer_list<Index> sizes, Index chunks) {
  std::vector<Tensor> held;
  for (Index worker = 0; worker < std::min<Index>(chunks, thread_count()); ++worker) {
    for (const Index size : sizes) held.push_back(Tensor::uninitialized({size}));
  }
}

}  // namespace mien::ops
