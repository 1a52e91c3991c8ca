// Batch normalization of images that lie channels-last.
#include "ops/norm_rows.hpp"

#include <algorithm>

#include "ops/kernels_in_use.hpp"

namespace mien::ops::rows {
namespace {

using kernels::BatchNormRows;

constexpr Index kShards = 32;        // that the rows are cut into for sums, whatever the number of threads
constexpr Index kValues = 16 << 10;  // of rows that a thread takes at once otherwise
constexpr Index kRowsNearMean = 64;

// Doubles in a tensor's recycled storage.
class Doubles {
 public:
  explicit Doubles(Index size) : storage_(Tensor::uninitialized({2 * size})) { std::fill_n(data(), size, 0.0); }
  double* data() { return reinterpret_cast<double*>(storage_.mutable_data()); }

 private:
  static_assert(sizeof(double) == 2 * sizeof(float));
  Tensor storage_;
};

// [2][channels], the sums of what add(sums, first row, rows) adds for each shard.
template <typename Add>
Doubles sum_of_shards(Index rows, Index channels, Add add) {
  const Index grain = std::max<Index>(1, (rows + kShards - 1) / kShards), size = 2 * channels;
  Doubles shards(kShards * size), total(size);
  parallel_for_ranges(rows, grain, [&](Index begin, Index end) {
    add(shards.data() + begin / grain * size, begin, end - begin);
  });
  for (Index shard = 0; shard < kShards; ++shard) {
    std::transform(total.data(), total.data() + size, shards.data() + shard * size, total.data(),
                   [](double a, double b) { return a + b; });
  }
  return total;
}

template <typename Part>
void for_each_part(Index rows, Index channels, Part part) {
  parallel_for_ranges(rows, std::max<Index>(1, kValues / channels),
                      [&](Index begin, Index end) { part(begin, end - begin); });
}

// The mean of a few rows from all over, not evenly far apart, which might be the same pixel of every image.
Tensor near_mean(const float* x, Index rows, Index channels) {
  const Index few = std::min(rows, kRowsNearMean), step = rows / std::max<Index>(1, few);
  Tensor near({channels});
  for (Index i = 0; i < few; ++i) {
    const Index row = i * step + i * 997 % step;
    kernels_in_use().accumulate(near.mutable_data(), x + row * channels, channels);
  }
  kernels_in_use().scale(near.mutable_data(), 1.0f / static_cast<float>(few), channels);
  return near;
}

// The kernels' view of a batch normalization.
class Rows {
 public:
  Rows(const BatchNormVectors& how, Index channels) : factor_(Tensor::uninitialized({channels})) {
    std::transform(how.inv_std, how.inv_std + channels, how.gamma, factor_.mutable_data(),
                   [](float inv_std, float gamma) { return inv_std * gamma; });
    view_ = {how.mean, how.inv_std, factor_.data(), how.beta, how.relu};
  }
  const BatchNormRows& view() const { return view_; }

 private:
  Tensor factor_;
  BatchNormRows view_;
};

}  // namespace

// As for planes: one walk gives both sums of distances from a value near the mean.
void batch_norm_statistics(float* mean, float* variance, const float* x, Index rows, Index channels) {
  const Tensor near = near_mean(x, rows, channels);
  Doubles sums = sum_of_shards(rows, channels, [&](double* to, Index first, Index count) {
    kernels_in_use().batch_norm_rows_distances(to, x + first * channels, count, channels, near.data());
  });
  const double count = static_cast<double>(rows);
  for (Index c = 0; c < channels; ++c) {
    const double shift = sums.data()[c] / count;
    mean[c] = static_cast<float>(static_cast<double>(near.data()[c]) + shift);
    const double spread = sums.data()[channels + c] / count - shift * shift;
    variance[c] = spread < 0.0 ? 0.0f : static_cast<float>(spread);  // NaN stays
  }
}

namespace {

void apply(float* y, const float* x, Index rows, Index channels, const BatchNormRows& how) {
  for_each_part(rows, channels, [&](Index first, Index count) {
    kernels_in_use().batch_norm_rows_apply(y + first * channels, x + first * channels, count, channels, how);
  });
}

}  // namespace

void batch_norm_apply(float* y, const float* x, Index rows, Index channels, const BatchNormVectors& how) {
  apply(y, x, rows, channels, Rows(how, channels).view());
}

void affine_channels(float* y, const float* x, Index rows, Index channels, const float* factor,
                     const float* shift, bool relu) {
  const Tensor zero(Shape{channels});
  apply(y, x, rows, channels, {zero.data(), nullptr, factor, shift, relu});
}

namespace {

// By the means of dy and of dy * z, [2][channels].
void gradient(float* dx, const Tensor& means, const float* dy, const float* x, Index rows, Index channels,
              const Rows& vectors) {
  for_each_part(rows, channels, [&](Index first, Index size) {
    kernels_in_use().batch_norm_rows_backward(dx + first * channels, dy + first * channels,
                                              x + first * channels, size, channels, vectors.view(),
                                              means.data(), means.data() + channels);
  });
}

Doubles gradient_sums(const float* dy, const float* x, Index rows, Index channels, const Rows& vectors) {
  return sum_of_shards(rows, channels, [&](double* to, Index first, Index count) {
    kernels_in_use().batch_norm_rows_sums(to, dy + first * channels, x + first * channels, count, channels,
                                          vectors.view());
  });
}

Tensor means_of(const double* sums, double count, Index channels) {
  Tensor means = Tensor::uninitialized({2, channels});
  std::transform(sums, sums + 2 * channels, means.mutable_data(),
                 [count](double sum) { return static_cast<float>(sum / count); });
  return means;
}

}  // namespace

void batch_norm_part(double* sums, const float* dy, const float* x, Index rows, Index channels,
                     const BatchNormVectors& how) {
  Doubles here = gradient_sums(dy, x, rows, channels, Rows(how, channels));
  std::copy_n(here.data(), 2 * channels, sums);
}

void batch_norm_gradient(float* dx, const double* sums, double count, const float* dy, const float* x,
                         Index rows, Index channels, const BatchNormVectors& how) {
  gradient(dx, means_of(sums, count, channels), dy, x, rows, channels, Rows(how, channels));
}

void batch_norm_backward(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x, Index rows,
                         Index channels, const BatchNormVectors& how, bool fixed) {
  const Rows vectors(how, channels);
  Doubles sums = gradient_sums(dy, x, rows, channels, vectors);
  for (Index c = 0; c < channels; ++c) {
    dbeta[c] = static_cast<float>(sums.data()[c]);
    dgamma[c] = static_cast<float>(sums.data()[channels + c]);
  }
  // Statistics that do not depend on x have no gradient to pass on.
  const Tensor means =
      fixed ? Tensor(Shape{2, channels}) : means_of(sums.data(), static_cast<double>(rows), channels);
  gradient(dx, means, dy, x, rows, channels, vectors);
}

}  // namespace mien::ops::rows
