// How a product walks weights that are packed as it goes.
#pragma once

#include <algorithm>

#include "mien/core/parallel.hpp"
#include "ops/dense_parts.hpp"
#include "ops/scratch.hpp"

namespace mien::ops {

// The weights are packed in blocks of kDepth rows and so few columns that two packed blocks and what is fetched
// ahead stay in a second-level cache.
inline constexpr Index kBlockColumns = 64;

/// Columns of the result a chunk owns: many, and still two chunks for every thread. No sum depends on it.
Index forward_columns(Index out);

/// Weights as they lie: [in][out] values of so many bytes.
struct StoredWeights {
  const void* values;
  Index value_bytes;
  Index in, out;
};

/// sums [m][end - begin] = a * (columns [begin, end) of w), where left(k) is a packed from its value k on, for
/// k a multiple of kDepth, and block_size what a packed block of w takes.
template <typename Left>
void product_of_columns(float* sums, Left left, Index m, const StoredWeights& w, Index begin, Index end,
                        const kernels::RightKernels& right, Index block_size) {
  const Index columns = end - begin;
  const Index across = (columns + kBlockColumns - 1) / kBlockColumns;
  Tensor packed = Tensor::uninitialized({2, block_size});
  // Blocks of the same rows one after another: memory is found faster while its pages are the last ones used.
  const auto first_row = [&](Index i) { return i / across * kDepth; };
  const auto first_column = [&](Index i) { return i % across * kBlockColumns; };
  const auto block = [&](Index i) {
    const Index k = first_row(i), column = first_column(i);
    return kernels::NextRight{
        .b = static_cast<const char*>(w.values) + (k * w.out + begin + column) * w.value_bytes,
        .ldb = w.out,
        .k = std::clamp<Index>(w.in - k, 0, kDepth),
        .n = std::min(kBlockColumns, columns - column),
        .packed = packed.mutable_data() + i % 2 * block_size};
  };
  right.pack(block(0));
  const Index blocks = across * ((w.in + kDepth - 1) / kDepth);
  for (Index i = 0; i < blocks; ++i) {
    const kernels::NextRight now = block(i);
    right.product(sums + first_column(i), columns, left(first_row(i)), now.packed, m, now.n, now.k,
                  first_row(i) > 0, block(i + 1));
  }
}

/// Such products for all columns, a chunk of them a task: use(begin, end, sums). Sums have room for `room`
/// rows, m at least.
template <typename Left, typename Use>
void product_by_columns(Left left, Index m, Index room, const StoredWeights& w,
                        const kernels::RightKernels& right, Index block_size, Use use) {
  const Index chunk = forward_columns(w.out);
  reserve_scratch({2 * block_size, room * chunk}, (w.out + chunk - 1) / chunk);
  parallel_for_ranges(w.out, chunk, [&](Index begin, Index end) {
    // As large for fewer columns: what is recycled fits all chunks.
    Tensor sums = Tensor::uninitialized({room * chunk});
    if (w.in == 0) sums.fill(0);  // nothing is added
    product_of_columns(sums.mutable_data(), left, m, w, begin, end, right, block_size);
    use(begin, end, sums.data());
  });
}

}  // namespace mien::ops
