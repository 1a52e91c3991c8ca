// Dense layers of many images with int8 weights: each image's values are rounded to levels of eight bits, too.
#include <algorithm>
#include <cstdint>

#include "ops/dense_blocks.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::ops {
namespace {

// The images as levels, and packed in blocks of products.block.depth values of each. Where some image has
// values below zero, another row of ones stands behind the images: its sums are those of the weights alone.
class PackedLevels {
 public:
  PackedLevels(const kernels::Int8Products& products, const float* x, Index n, Index in)
      : depth_(products.block.depth), scales_(Tensor::uninitialized({n})), signs_(Tensor::uninitialized({n})) {
    const Index row_floats = (in + kBytes - 1) / kBytes, row_bytes = row_floats * kBytes;
    Tensor levels = Tensor::uninitialized({n + 1, row_floats});
    auto* bytes = reinterpret_cast<std::uint8_t*>(levels.mutable_data());
    parallel_for(n, [&](Index i) {
      const kernels::ByteLevels row = products.to_levels(bytes + i * row_bytes, x + i * in, in);
      scales_.mutable_data()[i] = row.scale;
      signs_.mutable_data()[i] = row.has_sign ? 1.0f : 0.0f;
    });
    const bool any_sign = std::any_of(signs_.data(), signs_.data() + n, [](float sign) { return sign != 0; });
    if (any_sign) std::fill_n(bytes + n * row_bytes, in, std::uint8_t{1});
    rows_ = any_sign ? n + 1 : n;
    block_size_ = products.packed_left_size(n + 1, depth_);
    blocks_ = Tensor::uninitialized({(in + depth_ - 1) / depth_, block_size_});
    parallel_for_ranges(in, depth_, [&](Index begin, Index end) {
      products.pack_left(blocks_.mutable_data() + begin / depth_ * block_size_, bytes + begin, row_bytes, rows_,
                         end - begin);
    });
  }

  Index rows() const { return rows_; }
  const float* block(Index k) const { return blocks_.data() + k / depth_ * block_size_; }
  float scale(Index image) const { return scales_.data()[image]; }
  bool has_sign(Index image) const { return signs_.data()[image] != 0; }

 private:
  static constexpr Index kBytes = sizeof(float);
  Index depth_;
  Tensor scales_, signs_;
  Index rows_ = 0, block_size_ = 0;
  Tensor blocks_;
};

}  // namespace

bool multiplies_bytes(const Shape& weight) {
  return weight[0] <= kernels::Int8Products::kMost && weight[1] >= kLeastNarrowColumns;
}

void dense_forward_bytes(float* y, const float* x, const EncodedTensor& w, const float* b, Index n,
                         const Tensor& packed) {
  const kernels::Int8Products& products = kernels_in_use().int8;
  const Index in = w.shape[0], out = w.shape[1];
  const PackedLevels levels(products, x, n, in);
  product_by_columns([&](Index k) { return levels.block(k); }, levels.rows(), n + 1,
                     {w.values.get(), sizeof(std::int8_t), in, out}, packed, products.right, products,
                     [&](Index begin, Index end, const float* sums) {
                       const Index columns = end - begin;
                       const float* column_sums = sums + n * columns;
                       for (Index i = 0; i < n; ++i) {
                         products.from_sums(y + i * out + begin, sums + i * columns,
                                            levels.has_sign(i) ? column_sums : nullptr, levels.scale(i),
                                            w.scale.defined() ? w.scale.data() + begin : nullptr,
                                            b != nullptr ? b + begin : nullptr, columns);
                       }
                     });
}

}  // namespace mien::ops
