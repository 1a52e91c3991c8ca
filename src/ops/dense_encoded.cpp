#include <cstdint>

#include "ops/dense_blocks.hpp"
#include "ops/few_images.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::ops {
namespace {

// The weights become the products' operands where they are packed: floats or, where products in bfloat16 are
// the faster ones, bfloat16 weights themselves, with images rounded to bfloat16, too.
struct AsFloats {
  const kernels::ProductKernels& products;
  const kernels::RightKernels& right;
  StoredWeights stored;

  explicit AsFloats(const EncodedTensor& w)
      : products(
            products_in(halves(w) && w.shape[1] >= kLeastNarrowColumns ? Precision::bf16 : Precision::f32)),
        right(halves(w) ? products.from_bf16 : products.from_int8),
        stored{w.values.get(), halves(w) ? 2 : 1, w.shape[0], w.shape[1]} {}

 private:
  static bool halves(const EncodedTensor& w) { return w.encoding == Encoding::bf16; }
};

void forward_as_floats(float* y, const float* x, const EncodedTensor& w, const float* b, Index n,
                       const Tensor& packed) {
  const AsFloats as(w);
  const Index in = w.shape[0], out = w.shape[1];
  const float* scale = w.scale.defined() ? w.scale.data() : nullptr;
  const PackedRows packed_x(as.products, x, n, in);
  product_by_columns([&](Index k) { return packed_x.block(k); }, n, n, as.stored, packed, as.right, as.products,
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

bool by_bytes(const EncodedTensor& w) {
  return w.encoding == Encoding::int8 && multiplies_bytes(w.shape);
}

template <typename Products>
Tensor packed_weights(const StoredWeights& w, const kernels::RightKernels& right, const Products& products) {
  const PackedWeights weights(w, products);
  if (!weights.keeps_size(w)) return {};
  Tensor packed = Tensor::uninitialized({weights.size()});
  weights.pack(packed.mutable_data(), w, right);
  return packed;
}

}  // namespace

Tensor pack_dense(const EncodedTensor& w) {
  const AsFloats as(w);
  if (!by_bytes(w)) return packed_weights(as.stored, as.right, as.products);
  const kernels::Int8Products& products = kernels_in_use().int8;
  return packed_weights(as.stored, products.right, products);
}

void expand(float* y, const EncodedTensor& x, Index first, Index count) {
  if (x.encoding == Encoding::bf16) {
    kernels_in_use().expand_bf16(y, static_cast<const std::uint16_t*>(x.values.get()) + first, count);
  } else {
    kernels_in_use().expand_int8(y, static_cast<const std::int8_t*>(x.values.get()) + first, count);
  }
}

void dense_forward(float* y, const float* x, const EncodedTensor& w, const float* b, Index n,
                   const Tensor& packed) {
  const Index in = w.shape[0], out = w.shape[1];
  const VerboseCall call("dense_forward_encoded", {n, in, out});
  if (n == 0) return;
  if (is_few(n)) {
    const float* scale = w.scale.defined() ? w.scale.data() : nullptr;
    dense_few_forward(y, x, {w.values.get(), w.encoding, scale}, b, n, in, out);
  } else if (by_bytes(w)) {
    dense_forward_bytes(y, x, w, b, n, packed);
  } else {
    forward_as_floats(y, x, w, b, n, packed);
  }
}

}  // namespace mien::ops
