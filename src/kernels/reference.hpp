// The kernels once more, naive and obviously right: what the tests hold the fast ones to, and, in double,
// what finite differences check. Arguments as in kernel_table.hpp, with float or double for T.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/kernel_table.hpp"
#include "kernels/philox.hpp"

namespace mien::kernels::reference {

template <typename T>
void gemm(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const T* a, Index lda, const T* b,
          Index ldb, T* c, Index ldc, bool add) {
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      T sum = add ? c[i * ldc + j] : T(0);
      for (Index l = 0; l < k; ++l) {
        sum +=
            (transpose_a ? a[l * lda + i] : a[i * lda + l]) * (transpose_b ? b[j * ldb + l] : b[l * ldb + j]);
      }
      c[i * ldc + j] = sum;
    }
  }
}

/// Calls visit(y index, x index, w index) for each product of a convolution.
template <typename Visit>
void for_each_product(const Conv2dGeometry& g, Visit visit) {
  for (Index o = 0; o < g.out_channels; ++o) {
    for (Index oh = 0; oh < g.out_height; ++oh) {
      for (Index ow = 0; ow < g.out_width; ++ow) {
        const Index y = (o * g.out_height + oh) * g.out_width + ow;
        for (Index c = 0; c < g.in_channels; ++c) {
          for (Index kh = 0; kh < g.kernel_height; ++kh) {
            for (Index kw = 0; kw < g.kernel_width; ++kw) {
              const Index ih = oh * g.stride + kh - g.pad_top;
              const Index iw = ow * g.stride + kw - g.pad_left;
              if (ih < 0 || ih >= g.in_height || iw < 0 || iw >= g.in_width) continue;
              const Index x = (c * g.in_height + ih) * g.in_width + iw;
              visit(y, x, ((o * g.in_channels + c) * g.kernel_height + kh) * g.kernel_width + kw);
            }
          }
        }
      }
    }
  }
}

template <typename T>
void conv2d_forward(T* y, const T* x, const T* w, const T* b, const Conv2dGeometry& g) {
  const Index pixels = g.out_height * g.out_width;
  for (Index i = 0; i < g.out_channels * pixels; ++i) y[i] = b != nullptr ? b[i / pixels] : T(0);
  for_each_product(g, [&](Index iy, Index ix, Index iw) { y[iy] += x[ix] * w[iw]; });
}

template <typename T>
void conv2d_backward_input(T* dx, const T* dy, const T* w, const Conv2dGeometry& g) {
  std::fill_n(dx, g.in_channels * g.in_height * g.in_width, T(0));
  for_each_product(g, [&](Index iy, Index ix, Index iw) { dx[ix] += dy[iy] * w[iw]; });
}

template <typename T>
void conv2d_backward_weight(T* dw, T* db, const T* dy, const T* x, const Conv2dGeometry& g) {
  for_each_product(g, [&](Index iy, Index ix, Index iw) { dw[iw] += dy[iy] * x[ix]; });
  if (db == nullptr) return;
  const Index pixels = g.out_height * g.out_width;
  for (Index i = 0; i < g.out_channels * pixels; ++i) db[i / pixels] += dy[i];
}

/// Calls visit(y index, x index, place in the window) for each value in a pooling window, in raster order.
template <typename Geometry, typename Visit>
void for_each_pooled(const Geometry& g, Visit visit) {
  for (Index plane = 0; plane < g.planes; ++plane) {
    for (Index oh = 0; oh < g.out_height; ++oh) {
      for (Index ow = 0; ow < g.out_width; ++ow) {
        for (Index kh = 0; kh < g.kernel; ++kh) {
          for (Index kw = 0; kw < g.kernel; ++kw) {
            const Index ih = oh * g.stride + kh - g.pad_top;
            const Index iw = ow * g.stride + kw - g.pad_left;
            if (ih < 0 || ih >= g.in_height || iw < 0 || iw >= g.in_width) continue;
            visit((plane * g.out_height + oh) * g.out_width + ow, (plane * g.in_height + ih) * g.in_width + iw,
                  kh * g.kernel + kw);
          }
        }
      }
    }
  }
}

inline Index pooled_count(const Pool2dGeometry& g) {
  return g.planes * g.out_height * g.out_width;
}
inline Index pool_input_count(const Pool2dGeometry& g) {
  return g.planes * g.in_height * g.in_width;
}

template <typename T>
void max_pool2d_forward(T* y, std::uint8_t* argmax, const T* x, const Pool2dGeometry& g) {
  std::vector<bool> seen(static_cast<std::size_t>(pooled_count(g)), false);
  for_each_pooled(g, [&](Index iy, Index ix, Index place) {
    const bool first = !seen[static_cast<std::size_t>(iy)];
    if (first || x[ix] > y[iy] || (std::isnan(x[ix]) && !std::isnan(y[iy]))) {
      y[iy] = x[ix];
      argmax[iy] = static_cast<std::uint8_t>(place);
    }
    seen[static_cast<std::size_t>(iy)] = true;
  });
}

template <typename T>
void max_pool2d_backward(T* dx, const T* dy, const std::uint8_t* argmax, const Pool2dGeometry& g) {
  std::fill_n(dx, pool_input_count(g), T(0));
  for_each_pooled(g, [&](Index iy, Index ix, Index place) {
    if (argmax[iy] == place) dx[ix] += dy[iy];
  });
}

inline std::vector<int> pool_window_counts(const Pool2dGeometry& g) {
  std::vector<int> counts(static_cast<std::size_t>(pooled_count(g)), 0);
  for_each_pooled(g, [&](Index iy, Index, Index) { ++counts[static_cast<std::size_t>(iy)]; });
  return counts;
}

template <typename T>
void avg_pool2d_forward(T* y, const T* x, const Pool2dGeometry& g) {
  const std::vector<int> counts = pool_window_counts(g);
  std::fill_n(y, pooled_count(g), T(0));
  for_each_pooled(g, [&](Index iy, Index ix, Index) { y[iy] += x[ix]; });
  for (Index i = 0; i < pooled_count(g); ++i) y[i] /= static_cast<T>(counts[static_cast<std::size_t>(i)]);
}

template <typename T>
void avg_pool2d_backward(T* dx, const T* dy, const Pool2dGeometry& g) {
  const std::vector<int> counts = pool_window_counts(g);
  std::fill_n(dx, pool_input_count(g), T(0));
  for_each_pooled(g, [&](Index iy, Index ix, Index) {
    dx[ix] += dy[iy] / static_cast<T>(counts[static_cast<std::size_t>(iy)]);
  });
}

/// bias + alpha * sum of squares around channel c.
template <typename T>
T lrn_scale(const T* x, Index c, Index pixel, Index channels, Index pixels, const LrnParameters& p) {
  T sum = 0;
  for (Index j = 0; j < channels; ++j) {
    if (std::abs(j - c) <= p.radius) sum += x[j * pixels + pixel] * x[j * pixels + pixel];
  }
  return T(p.bias) + T(p.alpha) * sum;
}

template <typename T>
void lrn_forward(T* y, const T* x, Index channels, Index pixels, const LrnParameters& p) {
  for (Index c = 0; c < channels; ++c) {
    for (Index i = 0; i < pixels; ++i) {
      y[c * pixels + i] = x[c * pixels + i] * std::pow(lrn_scale(x, c, i, channels, pixels, p), -T(p.beta));
    }
  }
}

// y_j = x_j s_j^-beta, so dy_j/dx_c = [j=c] s_j^-beta - 2 alpha beta x_c x_j s_j^(-beta-1) for |j-c| <= radius.
template <typename T>
void lrn_backward(T* dx, const T* dy, const T* x, Index channels, Index pixels, const LrnParameters& p) {
  std::fill_n(dx, channels * pixels, T(0));
  for (Index j = 0; j < channels; ++j) {
    for (Index i = 0; i < pixels; ++i) {
      const T s = lrn_scale(x, j, i, channels, pixels, p);
      const T own = dy[j * pixels + i] * std::pow(s, -T(p.beta));
      dx[j * pixels + i] += own;
      for (Index c = 0; c < channels; ++c) {
        if (std::abs(j - c) > p.radius) continue;
        dx[c * pixels + i] -= T(2) * T(p.alpha) * T(p.beta) * x[c * pixels + i] * x[j * pixels + i] * own / s;
      }
    }
  }
}

/// The indices of channel c in an array [n][channels][pixels].
inline std::vector<Index> channel_indices(Index n, Index channels, Index pixels, Index c) {
  std::vector<Index> indices;
  for (Index image = 0; image < n; ++image) {
    for (Index i = 0; i < pixels; ++i) indices.push_back((image * channels + c) * pixels + i);
  }
  return indices;
}

template <typename T>
void batch_norm_statistics(T* mean, T* variance, const T* x, Index n, Index channels, Index pixels, Index c) {
  const std::vector<Index> indices = channel_indices(n, channels, pixels, c);
  *mean = 0;
  for (const Index i : indices) *mean += x[i];
  *mean /= static_cast<T>(indices.size());
  *variance = 0;
  for (const Index i : indices) *variance += (x[i] - *mean) * (x[i] - *mean);
  *variance /= static_cast<T>(indices.size());
}

template <typename T>
void batch_norm_apply(T* y, const T* x, Index n, Index channels, Index pixels, Index c, T mean, T inv_std,
                      T gamma, T beta) {
  for (const Index i : channel_indices(n, channels, pixels, c)) y[i] = (x[i] - mean) * inv_std * gamma + beta;
}

template <typename T>
void batch_norm_backward(T* dx, T* dgamma, T* dbeta, const T* dy, const T* x, Index n, Index channels,
                         Index pixels, Index c, T mean, T inv_std, T gamma) {
  const std::vector<Index> indices = channel_indices(n, channels, pixels, c);
  const T count = static_cast<T>(indices.size());
  *dgamma = 0;
  *dbeta = 0;
  for (const Index i : indices) {
    *dgamma += dy[i] * (x[i] - mean) * inv_std;
    *dbeta += dy[i];
  }
  for (const Index i : indices) {
    const T z = (x[i] - mean) * inv_std;
    dx[i] = gamma * inv_std * (dy[i] - *dbeta / count - z * *dgamma / count);
  }
}

template <typename T>
void relu_forward(T* y, const T* x, Index n) {
  for (Index i = 0; i < n; ++i) y[i] = std::isnan(x[i]) || x[i] > T(0) ? x[i] : T(0);
}

template <typename T>
void relu_backward(T* dx, const T* dy, const T* y, Index n) {
  for (Index i = 0; i < n; ++i) dx[i] = y[i] > T(0) ? dy[i] : T(0);
}

template <typename T>
void dropout(T* y, const T* x, Index n, float rate, std::uint64_t key, std::uint64_t first) {
  for (Index i = 0; i < n; ++i) {
    const std::uint64_t number = first + static_cast<std::uint64_t>(i);
    const std::uint32_t word = philox4x32(number / 4, key).word[number % 4];
    y[i] = word >= double(rate) * 4294967296.0 ? x[i] / (T(1) - T(rate)) : T(0);
  }
}

template <typename T>
void log_softmax_rows(T* y, const T* x, Index rows, Index columns) {
  for (Index r = 0; r < rows; ++r, x += columns, y += columns) {
    T maximum = -std::numeric_limits<T>::infinity();
    for (Index i = 0; i < columns; ++i) maximum = std::max(maximum, x[i]);
    T sum = 0;
    for (Index i = 0; i < columns; ++i) sum += std::exp(x[i] - maximum);
    for (Index i = 0; i < columns; ++i) y[i] = x[i] - maximum - std::log(sum);
  }
}

template <typename T>
void softmax_rows(T* y, const T* x, Index rows, Index columns) {
  log_softmax_rows(y, x, rows, columns);
  for (Index i = 0; i < rows * columns; ++i) y[i] = std::exp(y[i]);
}

template <typename T>
void add_row_bias(T* y, const T* b, Index rows, Index columns) {
  for (Index i = 0; i < rows * columns; ++i) y[i] += b[i % columns];
}

template <typename T>
void sum_rows(T* sums, const T* x, Index rows, Index columns) {
  std::fill_n(sums, columns, T(0));
  for (Index i = 0; i < rows * columns; ++i) sums[i % columns] += x[i];
}

template <typename T>
double sum_squares(const T* x, Index n) {
  double sum = 0;
  for (Index i = 0; i < n; ++i) sum += double(x[i]) * double(x[i]);
  return sum;
}

template <typename T>
void adam(T* w, T* m, T* v, const T* g, Index n, const AdamParameters& p) {
  for (Index i = 0; i < n; ++i) {
    const T gradient = p.decoupled_decay == 0 ? g[i] + T(p.weight_decay) * w[i] : g[i];
    m[i] = T(p.beta1) * m[i] + (T(1) - T(p.beta1)) * gradient;
    v[i] = T(p.beta2) * v[i] + (T(1) - T(p.beta2)) * gradient * gradient;
    const T decay = T(p.decoupled_decay) * w[i];
    w[i] -= static_cast<T>(p.step_size) * m[i] /
                (std::sqrt(v[i]) * static_cast<T>(p.inv_sqrt_correction2) + T(p.epsilon)) +
            decay;
  }
}

template <typename T>
void sgd(T* w, T* velocity, const T* g, Index n, const SgdParameters& p) {
  for (Index i = 0; i < n; ++i) {
    const T gradient = g[i] + T(p.weight_decay) * w[i];
    const T u = velocity != nullptr ? T(p.momentum) * velocity[i] + gradient : gradient;
    if (velocity != nullptr) velocity[i] = u;
    const bool ahead = p.nesterov && velocity != nullptr;
    w[i] -= T(p.learning_rate) * (ahead ? gradient + T(p.momentum) * u : u);
  }
}

}  // namespace mien::kernels::reference
