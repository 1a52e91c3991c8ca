// How a product walks weights that are packed as it goes.
#pragma once

#include <algorithm>

#include "mien/core/parallel.hpp"
#include "ops/dense_parts.hpp"
#include "ops/scratch.hpp"

namespace mien::ops {

/// Columns of the result a chunk owns: many, and still two chunks for every thread. No sum depends on it.
Index forward_columns(Index out);

/// Weights as they lie: [in][out] values of so many bytes.
struct StoredWeights {
  const void* values;
  Index value_bytes;
  Index in, out;
};

/// sums [m][end - begin] = a * (columns [begin, end) of w), where left(k) is a packed from its value k on, for
/// k a multiple of cut.depth, and block_size what a packed block of w takes.
template <typename Left>
void product_of_columns(float* sums, Left left, Index m, const StoredWeights& w, Index begin, Index end,
                        const kernels::RightKernels& right, kernels::PackedBlock cut, Index block_size) {
  const Index columns = end - begin;
  const Index across = (columns + cut.columns - 1) / cut.columns;
  Tensor packed = Tensor::uninitialized({2, block_size});
  // Blocks of the same rows one after another: memory is found faster while its pages are the last ones used.
  const auto first_row = [&](Index i) { return i / across * cut.depth; };
  const auto first_column = [&](Index i) { return i % across * cut.columns; };
  const auto block = [&](Index i) {
    const Index k = first_row(i), column = first_column(i);
    return kernels::NextRight{
        .b = static_cast<const char*>(w.values) + (k * w.out + begin + column) * w.value_bytes,
        .ldb = w.out,
        .k = std::clamp<Index>(w.in - k, 0, cut.depth),
        .n = std::min(cut.columns, columns - column),
        .packed = packed.mutable_data() + i % 2 * block_size};
  };
  right.pack(block(0));
  const Index blocks = across * ((w.in + cut.depth - 1) / cut.depth);
  for (Index i = 0; i < blocks; ++i) {
    const kernels::NextRight now = block(i);
    right.product(sums + first_column(i), columns, left(first_row(i)), now.packed, m, now.n, now.k,
                  first_row(i) > 0, block(i + 1));
  }
}

/// Weights that have been packed as a whole: [block of rows][block of columns].
class PackedWeights {
 public:
  static constexpr Index kColumns = 64;  // of a block, and the unit of forward_columns

  template <typename Products>
  PackedWeights(const StoredWeights& w, const Products& products)
      : in_(w.in),
        out_(w.out),
        depth_(products.block.depth),
        across_((w.out + kColumns - 1) / kColumns),
        block_size_(products.packed_right_size(depth_, kColumns)) {}

  /// Whether that takes about as many bytes as the weights do: not where they become wider.
  bool keeps_size(const StoredWeights& w) const {
    return size() * Index{sizeof(float)} <= w.in * w.out * w.value_bytes / 8 * 9;
  }
  Index size() const { return (in_ + depth_ - 1) / depth_ * across_ * block_size_; }
  void pack(float* packed, const StoredWeights& w, const kernels::RightKernels& right) const {
    parallel_for(size() / block_size_, [&](Index i) {
      const Index k = i / across_ * depth_, column = i % across_ * kColumns;
      right.pack({.b = static_cast<const char*>(w.values) + (k * w.out + column) * w.value_bytes,
                  .ldb = w.out,
                  .k = std::min(depth_, in_ - k),
                  .n = std::min(kColumns, out_ - column),
                  .packed = packed + i * block_size_});
    });
  }
  /// sums [m][end - begin] as product_of_columns forms them; begin is a multiple of kColumns.
  template <typename Left>
  void product(float* sums, Left left, Index m, const float* packed, Index begin, Index end,
               const kernels::RightKernels& right) const {
    const kernels::NextRight nothing{.b = nullptr, .ldb = 0, .k = 0, .n = 0, .packed = nullptr};
    for (Index k = 0; k < in_; k += depth_) {
      for (Index column = begin; column < end; column += kColumns) {
        right.product(sums + (column - begin), end - begin, left(k),
                      packed + (k / depth_ * across_ + column / kColumns) * block_size_, m,
                      std::min(kColumns, end - column), std::min(depth_, in_ - k), k > 0, nothing);
      }
    }
  }

 private:
  Index in_, out_, depth_, across_, block_size_;
};

/// Such products for all columns, a chunk of them a task: use(begin, end, sums). Sums have room for `room`
/// rows, m at least. `right` is one of those that `products`, ProductKernels or Int8Products, has.
/// `packed`, where it is defined, is what PackedWeights makes of w.
template <typename Left, typename Products, typename Use>
void product_by_columns(Left left, Index m, Index room, const StoredWeights& w, const Tensor& packed,
                        const kernels::RightKernels& right, const Products& products, Use use) {
  const PackedWeights whole(w, products);
  const Index chunk = forward_columns(w.out);
  const kernels::PackedBlock cut{products.block.depth, std::min(products.block.columns, chunk)};
  const Index block_size = products.packed_right_size(cut.depth, cut.columns);
  reserve_scratch({packed.defined() ? 0 : 2 * block_size, room * chunk}, (w.out + chunk - 1) / chunk);
  parallel_for_ranges(w.out, chunk, [&](Index begin, Index end) {
    // As large for fewer columns: what is recycled fits all chunks.
    Tensor sums = Tensor::uninitialized({room * chunk});
    if (w.in == 0) sums.fill(0);  // nothing is added
    if (packed.defined()) {
      whole.product(sums.mutable_data(), left, m, packed.data(), begin, end, right);
    } else {
      product_of_columns(sums.mutable_data(), left, m, w, begin, end, right, cut, block_size);
    }
    use(begin, end, sums.data());
  });
}

}  // namespace mien::ops
