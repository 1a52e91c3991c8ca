#include <algorithm>
#include <cstdint>

#include "mien/core/parallel.hpp"
#include "ops/dense_parts.hpp"
#include "ops/kernels_in_use.hpp"

namespace mien::ops {
namespace {

// The rows are cut into chunks with sums of their own, added in order afterwards: whole rows are read end to
// end, which memory likes best.
constexpr Index kMaxChunks = 48;
constexpr Index kMinRows = 32;       // of a chunk
constexpr Index kChunkMultiple = 8;  // rows the kernel sums at once
constexpr Index kSumColumns = 512;   // whose sums are added at once

// The rows of the weights that some image needs, and what each image weighs them with.
struct ActiveRows {
  std::int32_t* rows;
  float* x;  // [row][image]
  Index count = 0;

  void collect(const float* images, Index n, Index in) {
    for (Index row = 0; row < in; ++row) {
      bool active = false;
      for (Index i = 0; i < n; ++i) active |= !(images[i * in + row] == 0.0f);
      if (!active) continue;
      rows[count] = static_cast<std::int32_t>(row);
      for (Index i = 0; i < n; ++i) x[count * n + i] = images[i * in + row];
      ++count;
    }
  }
};

Index rows_of_chunk(Index count) {
  const Index rows = std::max(kMinRows, (count + kMaxChunks - 1) / kMaxChunks);
  return (rows + kChunkMultiple - 1) / kChunkMultiple * kChunkMultiple;
}

void add_rows(float* sums, const ActiveRows& active, Index begin, Index end, const DenseWeights& w, Index n,
              Index out) {
  const kernels::KernelTable& kernels = kernels_in_use();
  const float* x = active.x + begin * n;
  const std::int32_t* rows = active.rows + begin;
  switch (w.encoding) {
    case Encoding::f32:
      return kernels.row_sums_f32(sums, x, n, rows, end - begin, static_cast<const float*>(w.values), out);
    case Encoding::bf16:
      return kernels.row_sums_bf16(sums, x, n, rows, end - begin, static_cast<const std::uint16_t*>(w.values),
                                   out);
    case Encoding::int8:
      return kernels.row_sums_int8(sums, x, n, rows, end - begin, static_cast<const std::int8_t*>(w.values),
                                   out);
  }
}

// y = scale * (the chunks' sums) + b for the columns [begin, end) of one image.
void finish(float* y, const float* sums, Index chunks, Index chunk_size, const float* scale, const float* b,
            Index begin, Index end) {
  std::fill(y + begin, y + end, 0.0f);
  for (Index chunk = 0; chunk < chunks; ++chunk) {
    kernels_in_use().accumulate(y + begin, sums + chunk * chunk_size + begin, end - begin);
  }
  for (Index c = begin; scale != nullptr && c < end; ++c) y[c] *= scale[c];
  if (b != nullptr) kernels_in_use().accumulate(y + begin, b + begin, end - begin);
}

}  // namespace

void dense_few_forward(float* y, const float* x, const DenseWeights& w, const float* b, Index n, Index in,
                       Index out) {
  // Sizes that do not depend on the images, so that the memory of the last call serves this one.
  Tensor row_list = Tensor::uninitialized({in});
  Tensor row_weights = Tensor::uninitialized({in, n});
  Tensor sums = Tensor::uninitialized({kMaxChunks, n, out});
  static_assert(sizeof(std::int32_t) == sizeof(float));
  ActiveRows active{reinterpret_cast<std::int32_t*>(row_list.mutable_data()), row_weights.mutable_data()};
  active.collect(x, n, in);

  const Index grain = rows_of_chunk(active.count);
  parallel_for_ranges(active.count, grain, [&](Index begin, Index end) {
    float* chunk_sums = sums.mutable_data() + begin / grain * n * out;
    std::fill_n(chunk_sums, n * out, 0.0f);
    add_rows(chunk_sums, active, begin, end, w, n, out);
  });
  const Index chunks = (active.count + grain - 1) / grain;
  parallel_for_ranges(out, kSumColumns, [&](Index begin, Index end) {
    for (Index i = 0; i < n; ++i) {
      finish(y + i * out, sums.data() + i * out, chunks, n * out, w.scale, b, begin, end);
    }
  });
}

}  // namespace mien::ops
