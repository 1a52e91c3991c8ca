#include <algorithm>

#include "core/isa_in_use.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/tensor.hpp"
#include "ops/dense_blocks.hpp"
#include "ops/few_images.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"
#include "ops/scratch.hpp"

namespace mien::ops {
namespace {

using kernels::ProductKernels;

// Rows of the weights a chunk of the input gradient reads, end to end.
constexpr Index kWeightRows = 64;

// Sums are formed in a place of their own: the rows of a wide result would share few lines of the cache.
void copy_columns(float* to, Index stride, const float* from, Index rows, Index columns) {
  for (Index row = 0; row < rows; ++row) std::copy_n(from + row * columns, columns, to + row * stride);
}

}  // namespace

Index forward_columns(Index out) {
  constexpr Index kUnit = 64;
  constexpr Index kMostUnits = 12;  // whose sums stay in a second-level cache
  const Index fair = out / (2 * thread_count()) / kUnit;
  return std::clamp<Index>(fair, 1, kMostUnits) * kUnit;
}

const ProductKernels& products_in(Precision precision) {
  const kernels::KernelTable& kernels = kernels_in_use();
  const bool narrow =
      precision == Precision::bf16 && kernels::multiplies_bf16_faster(mien::detail::isa_in_use());
  return narrow ? kernels.bf16 : kernels.f32;
}

PackedRows::PackedRows(const ProductKernels& products, const float* x, Index n, Index size)
    : depth_(products.block.depth),
      block_size_(products.packed_left_size(n, depth_)),
      blocks_(Tensor::uninitialized({(size + depth_ - 1) / depth_, block_size_})) {
  parallel_for_ranges(size, depth_, [&](Index begin, Index end) {
    products.pack_left(blocks_.mutable_data() + begin / depth_ * block_size_, x + begin, size, false, n,
                       end - begin);
  });
}

void dense_forward(float* y, const float* x, const float* w, const float* b, Index n, Index in, Index out,
                   Precision precision) {
  const VerboseCall call("dense_forward", {n, in, out});
  if (n == 0) return;
  const ProductKernels& products = products_in(precision);
  if (is_few(n) && &products == &kernels_in_use().f32) {
    dense_few_forward(y, x, {w, Encoding::f32, nullptr}, b, n, in, out);
    return;
  }
  const PackedRows packed_x(products, x, n, in);
  product_by_columns([&](Index k) { return packed_x.block(k); }, n, n, {w, sizeof(float), in, out}, Tensor(),
                     products.from_f32, products,
                     [&](Index begin, Index end, const float* sums) {
                       const Index columns = end - begin;
                       copy_columns(y + begin, out, sums, n, columns);
                       for (Index row = 0; b != nullptr && row < n; ++row) {
                         kernels_in_use().accumulate(y + row * out + begin, b + begin, columns);
                       }
                     });
}

namespace {

// dx^T = w dy^T, so that the weights are read as they lie.
void thin_backward_input(float* dx, const float* dy, const float* w, Index n, Index in, Index out,
                         const kernels::ThinProducts& products) {
  constexpr Index kThinDepth = 1024;  // 512 takes a twentieth longer, 256 a tenth
  const Index packed_size = products.packed_size(std::min(kThinDepth, out), n);
  Tensor packed_dy = Tensor::uninitialized({(out + kThinDepth - 1) / kThinDepth, packed_size});
  parallel_for_ranges(out, kThinDepth, [&](Index begin, Index end) {
    products.pack_right(packed_dy.mutable_data() + begin / kThinDepth * packed_size, dy + begin, out,
                        end - begin, n);
  });
  reserve_scratch({kWeightRows * n}, (in + kWeightRows - 1) / kWeightRows);
  parallel_for_ranges(in, kWeightRows, [&](Index begin, Index end) {
    Tensor sums({end - begin, n});
    for (Index k = 0; k < out; k += kThinDepth) {
      products.product(sums.mutable_data(), n, w + begin * out + k, out,
                       packed_dy.data() + k / kThinDepth * packed_size, end - begin, n,
                       std::min(kThinDepth, out - k), k > 0);
    }
    kernels_in_use().transpose(dx + begin, in, sums.data(), n, end - begin, n);
  });
}

void packed_backward_input(float* dx, const float* dy, const float* w, Index n, Index in, Index out,
                           const ProductKernels& products) {
  const Index depth_at_once = products.block.depth;
  const PackedRows packed_dy(products, dy, n, out);
  reserve_scratch({products.packed_right_size(depth_at_once, kWeightRows), n * kWeightRows},
                  (in + kWeightRows - 1) / kWeightRows);
  parallel_for_ranges(in, kWeightRows, [&](Index begin, Index end) {
    Tensor packed_w = Tensor::uninitialized({products.packed_right_size(depth_at_once, kWeightRows)});
    Tensor sums({n, end - begin});
    for (Index k = 0; k < out; k += depth_at_once) {
      const Index depth = std::min(depth_at_once, out - k);
      products.pack_right(packed_w.mutable_data(), w + begin * out + k, out, true, depth, end - begin);
      const kernels::Ahead ahead{w + begin * out + k + depth_at_once, depth_at_once, out};
      products.packed_product(sums.mutable_data(), end - begin, packed_dy.block(k), packed_w.data(), n,
                              end - begin, depth, k > 0, &ahead);
    }
    copy_columns(dx + begin, in, sums.data(), n, end - begin);
  });
}

}  // namespace

void dense_backward_input(float* dx, const float* dy, const float* w, Index n, Index in, Index out,
                          Precision precision) {
  const VerboseCall call("dense_backward_input", {n, in, out});
  if (n == 0) return;
  const kernels::KernelTable& kernels = kernels_in_use();
  const ProductKernels& products = products_in(precision);
  if (&products == &kernels.f32) {
    thin_backward_input(dx, dy, w, n, in, out, kernels.thin_f32);
  } else if (kernels.thin_bf16 != nullptr) {
    thin_backward_input(dx, dy, w, n, in, out, *kernels.thin_bf16);
  } else {
    packed_backward_input(dx, dy, w, n, in, out, products);
  }
}

ProductPanels::ProductPanels(const Tensor& x, const Tensor& d, Precision precision)
    : x_(x), d_(d), products_(products_in(precision)) {
  const Index out = d.dim(1);
  panel_size_ = products_.packed_right_size(d.dim(0), kColumns);
  packed_d_ = Tensor::uninitialized({(out + kColumns - 1) / kColumns, panel_size_});
  parallel_for_ranges(out, kColumns, [&](Index begin, Index end) {
    products_.pack_right(packed_d_.mutable_data() + begin / kColumns * panel_size_, d.data() + begin, out,
                         false, d.dim(0), end - begin);
  });
  if (fits_adam()) {
    reserve_scratch({products_.adam_product_workspace(kRows, out, x.dim(0))}, (x.dim(1) + kRows - 1) / kRows);
  } else {
    reserve_scratch({products_.packed_left_size(kRows, x.dim(0)), kRows * kColumns},
                    (x.dim(1) + kRows - 1) / kRows);
  }
}

ProductPanels::Rows ProductPanels::rows(Index begin, Index end) const {
  const Index n = x_.dim(0);
  Rows rows{.begin = begin,
            .end = end,
            .packed_x = Tensor::uninitialized({products_.packed_left_size(kRows, n)}),
            .values = Tensor::uninitialized({kRows, kColumns})};
  products_.pack_left(rows.packed_x.mutable_data(), x_.data() + begin, x_.dim(1), true, end - begin, n);
  return rows;
}

bool ProductPanels::fits_adam() const {
  return d_.dim(1) % products_.packed_column_multiple == 0;
}

Tensor ProductPanels::adam_workspace() const {
  return Tensor::uninitialized({products_.adam_product_workspace(kRows, d_.dim(1), x_.dim(0))});
}

void ProductPanels::adam(float* w, float* m, float* v, Index begin, Index end, const AdamParameters& p) const {
  products_.adam_product(w, m, v, end - begin, d_.dim(1), x_.data() + begin, x_.dim(1), packed_d_.data(),
                         x_.dim(0), p, adam_workspace().mutable_data());
}

void ProductPanels::adam_half(float* w, std::uint16_t* m, std::uint16_t* v, Index begin, Index end,
                              const AdamParameters& p, const Dither& dither) const {
  products_.adam_product_half(w, m, v, end - begin, d_.dim(1), x_.data() + begin, x_.dim(1), packed_d_.data(),
                              x_.dim(0), p, dither, adam_workspace().mutable_data());
}

namespace {

// x x^T of x [rows][columns]
Tensor gram(const float* x, Index rows, Index columns) {
  Tensor result = Tensor::uninitialized({rows, rows});
  kernels_in_use().gemm(false, true, rows, rows, columns, x, columns, x, columns, result.mutable_data(), rows,
                        false);
  return result;
}

}  // namespace

double product_squared_norm(const float* x, const float* d, Index n, Index in, Index out) {
  const VerboseCall call("product_norm", {n, in, out});
  const Tensor xx = gram(x, n, in);
  const Tensor dd = gram(d, n, out);
  double sum = 0;
  for (Index i = 0; i < n * n; ++i) sum += double{xx.data()[i]} * double{dd.data()[i]};
  // Rounding may leave a tiny negative sum where the product is nearly zero; NaN must pass.
  return sum < 0 ? 0.0 : sum;
}

void ProductPanels::compute(Rows& rows, Index column, Index columns) const {
  products_.packed_product(rows.values.mutable_data(), kColumns, rows.packed_x.data(),
                           packed_d_.data() + column / kColumns * panel_size_, rows.end - rows.begin, columns,
                           x_.dim(0), false, nullptr);
}

}  // namespace mien::ops
