#include <algorithm>
#include <cstdint>

#include "ops/dense_parts.hpp"
#include "ops/few_images.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"
#include "ops/scratch.hpp"

namespace mien::ops {
namespace {

// Blocks of weights are expanded where they stay in a second-level cache.
constexpr Index kDecodedColumns = 128;

// The sums of the columns [begin, end): [n][end - begin], and room behind them.
Tensor dense_columns(const PackedRows& packed_x, const EncodedTensor& w, Index n, Index begin, Index end) {
  const kernels::ProductKernels& products = kernels_in_use().f32;
  const Index in = w.shape[0], out = w.shape[1], columns = end - begin;
  // As large for fewer columns: what is recycled fits all chunks.
  Tensor packed = Tensor::uninitialized({products.packed_right_size(kDepth, kDecodedColumns)});
  Tensor block = Tensor::uninitialized({kDepth * kDecodedColumns});
  Tensor sums = Tensor::uninitialized({n * kDecodedColumns});
  for (Index k = 0; k < in; k += kDepth) {
    const Index depth = std::min(kDepth, in - k);
    for (Index row = 0; row < depth; ++row) {
      expand(block.mutable_data() + row * columns, w, (k + row) * out + begin, columns);
    }
    products.pack_right(packed.mutable_data(), block.data(), columns, false, depth, columns);
    products.packed_product(sums.mutable_data(), columns, packed_x.block(k), packed.data(), n, columns, depth,
                            k > 0, nullptr);
  }
  return sums;
}

}  // namespace

void expand(float* y, const EncodedTensor& x, Index first, Index count) {
  if (x.encoding == Encoding::bf16) {
    kernels_in_use().expand_bf16(y, static_cast<const std::uint16_t*>(x.values.get()) + first, count);
  } else {
    kernels_in_use().expand_int8(y, static_cast<const std::int8_t*>(x.values.get()) + first, count);
  }
}

void dense_forward(float* y, const float* x, const EncodedTensor& w, const float* b, Index n) {
  const Index in = w.shape[0], out = w.shape[1];
  const VerboseCall call("dense_forward_encoded", {n, in, out});
  if (n == 0) return;
  const float* scale = w.scale.defined() ? w.scale.data() : nullptr;
  if (is_few(n)) {
    dense_few_forward(y, x, {w.values.get(), w.encoding, scale}, b, n, in, out);
    return;
  }
  const kernels::ProductKernels& products = kernels_in_use().f32;
  const PackedRows packed_x(products, x, n, in);
  reserve_scratch(
      {products.packed_right_size(kDepth, kDecodedColumns), kDepth * kDecodedColumns, n * kDecodedColumns},
      (out + kDecodedColumns - 1) / kDecodedColumns);
  parallel_for_ranges(out, kDecodedColumns, [&](Index begin, Index end) {
    const Tensor sums = dense_columns(packed_x, w, n, begin, end);
    const Index columns = end - begin;
    for (Index row = 0; row < n; ++row) {
      float* values = y + row * out + begin;
      for (Index c = 0; c < columns; ++c) {
        const float sum = sums.data()[row * columns + c];
        values[c] = scale != nullptr ? sum * scale[begin + c] : sum;
      }
      if (b != nullptr) kernels_in_use().accumulate(values, b + begin, columns);
    }
  });
}

}  // namespace mien::ops
