#include <algorithm>

#include "mien/core/tensor.hpp"
#include "ops/dense_parts.hpp"
#include "ops/few_images.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::ops {
namespace {

// Values of the summed axis that are packed at a time. A panel of the right operand of this depth fills a
// first-level cache, and still 128 was slower and 512 no faster: what counts is how seldom sums are put aside.
constexpr Index kDepth = 256;
// Columns of the result a chunk owns when the weights are read as they lie: a kilobyte of each weight row,
// and few enough that two threads share the smallest layers.
constexpr Index kColumns = 256;
// The same when they are read transposed: each is then a row of the weights, read end to end.
constexpr Index kTransposedColumns = 64;

// Sums are formed in a place of their own: the rows of a wide result would share few lines of the cache.
void copy_columns(float* to, Index stride, const Tensor& from) {
  const Index columns = from.dim(1);
  for (Index row = 0; row < from.dim(0); ++row) {
    std::copy_n(from.data() + row * columns, columns, to + row * stride);
  }
}

}  // namespace

Tensor pack_rows(const float* x, Index n, Index size, Index depth) {
  Tensor packed = Tensor::uninitialized({n, size});
  parallel_for_ranges(size, depth, [&](Index begin, Index end) {
    kernels_in_use().pack_left(packed.mutable_data() + begin * n, x + begin, size, false, n, end - begin);
  });
  return packed;
}

void dense_forward(float* y, const float* x, const float* w, const float* b, Index n, Index in, Index out) {
  const VerboseCall call("dense_forward", {n, in, out});
  if (is_few(n)) {
    dense_few_forward(y, x, {w, Encoding::f32, nullptr}, b, n, in, out);
    return;
  }
  const kernels::KernelTable& kernels = kernels_in_use();
  const Tensor packed_x = pack_rows(x, n, in, kDepth);
  parallel_for_ranges(out, kColumns, [&](Index begin, Index end) {
    const Index columns = end - begin;
    Tensor panel = Tensor::uninitialized({kernels.packed_right_size(kDepth, 1)});
    Tensor sums = Tensor::uninitialized({n, columns});
    for (Index k = 0; k < in; k += kDepth) {
      const float* block = w + k * out + begin;
      const kernels::Ahead ahead{block + kDepth * out, kColumns, out};
      kernels.packing_product(sums.mutable_data(), columns, packed_x.data() + k * n, block, out, n, columns,
                              std::min(kDepth, in - k), k > 0, &ahead, panel.mutable_data());
    }
    copy_columns(y + begin, out, sums);
    for (Index row = 0; b != nullptr && row < n; ++row) {
      kernels.accumulate(y + row * out + begin, b + begin, columns);
    }
  });
}

void dense_backward_input(float* dx, const float* dy, const float* w, Index n, Index in, Index out) {
  const VerboseCall call("dense_backward_input", {n, in, out});
  const kernels::KernelTable& kernels = kernels_in_use();
  const Tensor packed_dy = pack_rows(dy, n, out, kDepth);
  parallel_for_ranges(in, kTransposedColumns, [&](Index begin, Index end) {
    Tensor packed_w = Tensor::uninitialized({kernels.packed_right_size(kDepth, kTransposedColumns)});
    Tensor sums = Tensor::uninitialized({n, end - begin});
    for (Index k = 0; k < out; k += kDepth) {
      const Index depth = std::min(kDepth, out - k);
      kernels.pack_right(packed_w.mutable_data(), w + begin * out + k, out, true, depth, end - begin);
      const kernels::Ahead ahead{w + begin * out + k + kDepth, kDepth, out};
      kernels.packed_product(sums.mutable_data(), end - begin, packed_dy.data() + k * n, packed_w.data(), n,
                             end - begin, depth, k > 0, &ahead);
    }
    copy_columns(dx + begin, in, sums);
  });
}

ProductPanels::ProductPanels(const Tensor& x, const Tensor& d) : x_(x), d_(d) {
  const kernels::KernelTable& kernels = kernels_in_use();
  const Index out = d.dim(1);
  panel_size_ = kernels.packed_right_size(d.dim(0), kColumns);
  packed_d_ = Tensor::uninitialized({(out + kColumns - 1) / kColumns, panel_size_});
  parallel_for_ranges(out, kColumns, [&](Index begin, Index end) {
    kernels.pack_right(packed_d_.mutable_data() + begin / kColumns * panel_size_, d.data() + begin, out, false,
                       d.dim(0), end - begin);
  });
}

ProductPanels::Rows ProductPanels::rows(Index begin, Index end) const {
  const Index n = x_.dim(0);
  Rows rows{.begin = begin,
            .end = end,
            .packed_x = Tensor::uninitialized({kRows, n}),
            .values = Tensor::uninitialized({kRows, kColumns})};
  kernels_in_use().pack_left(rows.packed_x.mutable_data(), x_.data() + begin, x_.dim(1), true, end - begin, n);
  return rows;
}

void ProductPanels::adam(float* w, float* m, float* v, Index begin, Index end, const AdamParameters& p) const {
  const kernels::KernelTable& kernels = kernels_in_use();
  const Index out = d_.dim(1);
  if (out % kernels.packed_column_multiple != 0) {
    for_each_stretch(begin, end, [&](Index row, Index column, const float* values, Index count) {
      const Index at = row * out + column;
      kernels.adam(w + at, m + at, v + at, values, count, p);
    });
    return;
  }
  const Index n = x_.dim(0);
  const Index at = begin * out;
  Tensor workspace = Tensor::uninitialized({kernels.adam_product_workspace(kRows, n)});
  kernels.adam_product(w + at, m + at, v + at, end - begin, out, x_.data() + begin, x_.dim(1), packed_d_.data(),
                       n, p, workspace.mutable_data());
}

void ProductPanels::compute(Rows& rows, Index column, Index columns) const {
  kernels_in_use().packed_product(rows.values.mutable_data(), kColumns, rows.packed_x.data(),
                                  packed_d_.data() + column / kColumns * panel_size_, rows.end - rows.begin,
                                  columns, x_.dim(0), false, nullptr);
}

}  // namespace mien::ops
