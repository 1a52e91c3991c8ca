// How a gradient is checked without knowing a formula for it.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <mien/core/tensor.hpp>

namespace tutorial {

/// The largest difference between `gradient` and (f(x + h) - f(x - h)) / 2h, over all elements of x.
inline double largest_error(const std::function<double(const mien::Tensor&)>& f, const mien::Tensor& x,
                            const mien::Tensor& gradient) {
  constexpr float h = 1e-2f;  // in fp32 a smaller one would measure rounding
  double largest = 0;
  for (mien::Index i = 0; i < x.size(); ++i) {
    mien::Tensor above = x.clone(), below = x.clone();
    above.mutable_data()[i] += h;
    below.mutable_data()[i] -= h;
    const double slope = (f(above) - f(below)) / (2 * double{h});
    largest = std::max(largest, std::fabs(slope - double{gradient.data()[i]}));
  }
  return largest;
}

}  // namespace tutorial
