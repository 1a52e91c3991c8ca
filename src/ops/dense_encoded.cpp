#include <cstdint>

#include "ops/dense_blocks.hpp"
#include "ops/few_images.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::ops {
namespace {

// The weights become the products' operands where they are packed: floats or, where products in bfloat16 are
// the faster ones, bfloat16 weights themselves, with images rounded to bfloat16, too.
void forward_as_floats(float* y, const float* x, const EncodedTensor& w, const float* b, Index n) {
  const Index in = w.shape[0], out = w.shape[1];
  const bool halves = w.encoding == Encoding::bf16;
  const kernels::ProductKernels& products =
      products_in(halves && out >= kLeastNarrowColumns ? Precision::bf16 : Precision::f32);
  const kernels::RightKernels& right = halves ? products.from_bf16 : products.from_int8;
  const float* scale = w.scale.defined() ? w.scale.data() : nullptr;
  const PackedRows packed_x(products, x, n, in);
  product_by_columns([&](Index k) { return packed_x.block(k); }, n, n,
                     {w.values.get(), halves ? 2 : 1, in, out}, right, products,
                     [&](Index begin, Index end, const float* sums) {
                       const Index columns = end - begin;
                       for (Index row = 0; row < n; ++row) {
                         float* values = y + row * out + begin;
                         for (Index c = 0; c < columns; ++c) {
                           const float sum = sums[row * columns + c];
                           values[c] = scale != nullptr ? sum * scale[begin + c] : sum;
                         }
                         if (b != nullptr) kernels_in_use().accumulate(values, b + begin, columns);
                       }
                     });
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
  if (is_few(n)) {
    const float* scale = w.scale.defined() ? w.scale.data() : nullptr;
    dense_few_forward(y, x, {w.values.get(), w.encoding, scale}, b, n, in, out);
  } else if (w.encoding == Encoding::int8 && multiplies_bytes(w.shape)) {
    dense_forward_bytes(y, x, w, b, n);
  } else {
    forward_as_floats(y, x, w, b, n);
  }
}

}  // namespace mien::ops
