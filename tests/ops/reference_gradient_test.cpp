// Is the reference right? Each backward pass, in double precision, against central finite differences of
// loss(y) = sum of y * weight for arbitrary weights, whose gradient with respect to y is the weights.
#include <algorithm>
#include <functional>
#include <numeric>

#include "kernels/reference.hpp"
#include "kernels/reference_activation.hpp"
#include "kernels/reference_depthwise.hpp"
#include "kernels/reference_join.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;
using Values = std::vector<double>;

constexpr Tolerance kDifferences{1e-7, 1e-6};

Values arbitrary(Index count, unsigned seed) {
  return converted<double>(reals(count, seed));
}
Values zeros(Index count) {
  return Values(static_cast<std::size_t>(count));
}
double weighted_sum(const Values& y, const Values& weights) {
  return std::inner_product(y.begin(), y.end(), weights.begin(), 0.0);
}

/// d loss / d x at x, where loss reads x.
Values finite_differences(Values& x, const std::function<double()>& loss) {
  constexpr double kStep = 1e-5;
  Values gradient(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double at = x[i];
    x[i] = at + kStep;
    const double above = loss();
    x[i] = at - kStep;
    const double below = loss();
    x[i] = at;
    gradient[i] = (above - below) / (2.0 * kStep);
  }
  return gradient;
}

Values sum(const Values& a, const Values& b) {
  Values result(a.size());
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), std::plus<>());
  return result;
}

// Of a convolution whose parts these are, with arguments as the reference's; `biases` is the number of them.
template <typename Case, typename Forward, typename BackwardInput, typename BackwardWeight>
void check_convolution(const Case& c, Index biases, Forward forward, BackwardInput backward_input,
                       BackwardWeight backward_weight) {
  INFO(describe(c));
  Values x = arbitrary(input_count(c.g), 1);
  Values w = arbitrary(weight_count(c.g), 2);
  Values b = arbitrary(biases, 3);
  const Values dy = arbitrary(output_count(c.g), 4);
  const auto loss = [&] {
    Values y = zeros(output_count(c.g));
    forward(y.data(), x.data(), w.data(), b.data(), c.g);
    return weighted_sum(y, dy);
  };
  Values dx = zeros(input_count(c.g));
  backward_input(dx.data(), dy.data(), w.data(), c.g);
  CHECK(difference(dx, finite_differences(x, loss), kDifferences) == "");
  const Values dw_before = arbitrary(weight_count(c.g), 5);
  const Values db_before = arbitrary(biases, 6);
  Values dw = dw_before, db = db_before;
  backward_weight(dw.data(), db.data(), dy.data(), x.data(), c.g);
  CHECK(difference(dw, sum(dw_before, finite_differences(w, loss)), kDifferences) == "");
  CHECK(difference(db, sum(db_before, finite_differences(b, loss)), kDifferences) == "");
}

TEST_CASE("the reference's convolution gradients match finite differences, weights' added to what is there") {
  for (const ConvCase& c : conv_cases()) {
    if (c.size != CaseSize::small) continue;
    check_convolution(c, c.g.out_channels, reference::conv2d_forward<double>,
                      reference::conv2d_backward_input<double>, reference::conv2d_backward_weight<double>);
  }
}

TEST_CASE("the reference's depthwise gradients match finite differences, weights' added to what is there") {
  for (const DepthwiseCase& c : depthwise_cases()) {
    if (c.size != CaseSize::small) continue;
    check_convolution(c, c.g.planes, reference::depthwise_forward<double>,
                      reference::depthwise_backward_input<double>,
                      reference::depthwise_backward_weight<double>);
  }
}

/// 0, 0.01, 0.02 ... in random order: no ties, and no step that changes who is largest.
Values distinct(Index count, unsigned seed) {
  Values values = zeros(count);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.01 * static_cast<double>(i);
  std::mt19937 generator(seed);
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[generator() % i]);
  return values;
}

TEST_CASE("the reference's pooling gradients match finite differences") {
  for (const PoolCase& c : pool_cases()) {
    if (c.size != CaseSize::small) continue;
    INFO(describe(c));
    const Pool2dGeometry& g = c.g;
    Values x = distinct(input_count(g), 1);
    const Values dy = arbitrary(output_count(g), 2);
    std::vector<std::uint8_t> argmax(dy.size());
    Values y = zeros(output_count(g));
    Values dx = zeros(input_count(g));
    const auto max_loss = [&] {
      reference::max_pool2d_forward(y.data(), argmax.data(), x.data(), g);
      return weighted_sum(y, dy);
    };
    const Values max_expected = finite_differences(x, max_loss);
    max_loss();
    reference::max_pool2d_backward(dx.data(), dy.data(), argmax.data(), g);
    CHECK(difference(dx, max_expected, kDifferences) == "");
    const auto avg_loss = [&] {
      reference::avg_pool2d_forward(y.data(), x.data(), g);
      return weighted_sum(y, dy);
    };
    reference::avg_pool2d_backward(dx.data(), dy.data(), g);
    CHECK(difference(dx, finite_differences(x, avg_loss), kDifferences) == "");
  }
}

TEST_CASE("the reference's local response normalization gradient matches finite differences") {
  for (const LrnCase& c : lrn_cases()) {
    const Index count = c.channels * c.pixels;
    if (count > 500) continue;  // differences take count^2 steps
    INFO(describe(c));
    Values x = arbitrary(count, 1);
    const Values dy = arbitrary(count, 2);
    const auto loss = [&] {
      Values y = zeros(count);
      reference::lrn_forward(y.data(), x.data(), c.channels, c.pixels, c.p);
      return weighted_sum(y, dy);
    };
    Values dx = zeros(count);
    reference::lrn_backward(dx.data(), dy.data(), x.data(), c.channels, c.pixels, c.p);
    CHECK(difference(dx, finite_differences(x, loss), kDifferences) == "");
  }
}

TEST_CASE("the reference's batch normalization gradients match finite differences through the statistics") {
  for (const BatchNormCase& c : batch_norm_cases()) {
    if (c.size != CaseSize::small) continue;
    INFO(describe(c));
    const Index count = c.n * c.channels * c.pixels;
    const Index channel = c.channels - 1;
    Values x = arbitrary(count, 1);
    Values affine = {1.25, -0.5};  // gamma, beta
    const Values dy = arbitrary(count, 2);
    double mean = 0.0, inv_std = 0.0;
    const auto loss = [&] {
      double variance = 0.0;
      reference::batch_norm_statistics(&mean, &variance, x.data(), c.n, c.channels, c.pixels, channel);
      inv_std = 1.0 / std::sqrt(variance + 0.1);
      Values y = zeros(count);
      reference::batch_norm_apply(y.data(), x.data(), c.n, c.channels, c.pixels, channel, mean, inv_std,
                                  affine[0], affine[1]);
      return weighted_sum(y, dy);
    };
    const Values dx_expected = finite_differences(x, loss);
    const Values affine_expected = finite_differences(affine, loss);
    loss();
    Values dx = zeros(count);
    Values affine_actual = zeros(2);
    reference::batch_norm_backward(dx.data(), &affine_actual[0], &affine_actual[1], dy.data(), x.data(), c.n,
                                   c.channels, c.pixels, channel, mean, inv_std, affine[0]);
    CHECK(difference(dx, dx_expected, kDifferences) == "");
    CHECK(difference(affine_actual, affine_expected, kDifferences) == "");
  }
}

TEST_CASE("the reference's relu and dropout gradients match finite differences") {
  constexpr Index kCount = 101;
  Values x = arbitrary(kCount, 1);
  for (double& value : x) value += value < 0.0 ? -0.1 : 0.1;  // away from the kink
  const Values dy = arbitrary(kCount, 2);
  Values y = zeros(kCount), dx = zeros(kCount);
  const auto relu_loss = [&] {
    reference::relu_forward(y.data(), x.data(), kCount);
    return weighted_sum(y, dy);
  };
  const Values relu_expected = finite_differences(x, relu_loss);
  relu_loss();
  reference::relu_backward(dx.data(), dy.data(), y.data(), kCount);
  CHECK(difference(dx, relu_expected, kDifferences) == "");
  const auto dropout_loss = [&] {
    reference::dropout(y.data(), x.data(), kCount, 0.4f, 7, 11);
    return weighted_sum(y, dy);
  };
  reference::dropout(dx.data(), dy.data(), kCount, 0.4f, 7, 11);
  CHECK(difference(dx, finite_differences(x, dropout_loss), kDifferences) == "");
}

TEST_CASE("the reference's activation gradients match finite differences, those of slopes too") {
  constexpr double kSlope = 0.2;
  Values x = arbitrary(101, 1);
  for (double& value : x) value *= 5.0;
  x[0] = 20.0;
  x[1] = -20.0;
  const Values dy = arbitrary(101, 2);
  for (const ActivationNames& one : kActivations) {
    const Activation kind = one.activation;
    CAPTURE(one.forward);
    const auto loss = [&] {
      double total = 0;
      for (std::size_t i = 0; i < x.size(); ++i) total += dy[i] * reference::activation(kind, kSlope, x[i]);
      return total;
    };
    Values dx = dy;
    for (std::size_t i = 0; i < x.size(); ++i) dx[i] *= reference::activation_derivative(kind, kSlope, x[i]);
    CHECK(difference(dx, finite_differences(x, loss), kDifferences) == "");
  }
  constexpr Index kImages = 2, kChannels = 3, kPixels = 5;
  Values image = arbitrary(kImages * kChannels * kPixels, 3), slopes = arbitrary(kChannels, 4);
  const Values weights = arbitrary(kImages * kChannels * kPixels, 5);
  const auto loss = [&] {
    Values y = weights;
    reference::prelu_forward(y.data(), image.data(), slopes.data(), kImages, kChannels, kPixels);
    return weighted_sum(y, weights);
  };
  Values dx = weights, dslopes = slopes;
  reference::prelu_backward(dx.data(), dslopes.data(), weights.data(), image.data(), slopes.data(), kImages,
                            kChannels, kPixels);
  CHECK(difference(dx, finite_differences(image, loss), kDifferences) == "");
  CHECK(difference(dslopes, finite_differences(slopes, loss), kDifferences) == "");
}

TEST_CASE("the reference's gradients of gates and upsampling match finite differences") {
  constexpr Index kPlanes = 3, kHeight = 2, kWidth = 5, kPixels = kHeight * kWidth;
  Values x = arbitrary(kPlanes * kPixels, 1), gates = arbitrary(kPlanes, 2);
  const Values dy = arbitrary(kPlanes * kPixels, 3), dy_large = arbitrary(4 * kPlanes * kPixels, 4);
  const auto gate_loss = [&] {
    Values y = dy;
    reference::gate_forward(y.data(), x.data(), gates.data(), kPlanes, kPixels);
    return weighted_sum(y, dy);
  };
  Values dx = zeros(kPlanes * kPixels), dgates = zeros(kPlanes);
  reference::gate_backward(dx.data(), dgates.data(), dy.data(), x.data(), gates.data(), kPlanes, kPixels);
  CHECK(difference(dx, finite_differences(x, gate_loss), kDifferences) == "");
  CHECK(difference(dgates, finite_differences(gates, gate_loss), kDifferences) == "");
  const auto upsample_loss = [&] {
    Values y = dy_large;
    reference::upsample2x_forward(y.data(), x.data(), kPlanes, kHeight, kWidth);
    return weighted_sum(y, dy_large);
  };
  reference::upsample2x_backward(dx.data(), dy_large.data(), kPlanes, kHeight, kWidth);
  CHECK(difference(dx, finite_differences(x, upsample_loss), kDifferences) == "");
}

TEST_CASE("the gradients of a matrix product are matrix products, added to what is there") {
  for (const GemmCase& c : gemm_cases()) {
    if (c.size != CaseSize::small || c.m * c.n * c.k > 5000) continue;
    INFO(describe(c));
    Values a = arbitrary(c.m * c.k, 1), b = arbitrary(c.k * c.n, 2);
    const Values dc = arbitrary(c.m * c.n, 3);
    const auto loss = [&] {
      Values product = zeros(c.m * c.n);
      reference::gemm(false, false, c.m, c.n, c.k, a.data(), c.k, b.data(), c.n, product.data(), c.n, false);
      return weighted_sum(product, dc);
    };
    const Values da_before = arbitrary(c.m * c.k, 4), db_before = arbitrary(c.k * c.n, 5);
    Values da = da_before, db = db_before;
    reference::gemm(false, true, c.m, c.k, c.n, dc.data(), c.n, b.data(), c.n, da.data(), c.k, true);
    reference::gemm(true, false, c.k, c.n, c.m, a.data(), c.k, dc.data(), c.n, db.data(), c.n, true);
    CHECK(difference(da, sum(da_before, finite_differences(a, loss)), kDifferences) == "");
    CHECK(difference(db, sum(db_before, finite_differences(b, loss)), kDifferences) == "");
  }
}

TEST_CASE("the gradient of a row bias is the column sums") {
  for (const RowCase& c : row_cases()) {
    if (c.size != CaseSize::small) continue;
    INFO(describe(c));
    Values b = arbitrary(c.columns, 1);
    const Values dy = arbitrary(c.rows * c.columns, 2);
    const auto loss = [&] {
      Values y(dy.size(), 1.0);
      reference::add_row_bias(y.data(), b.data(), c.rows, c.columns);
      return weighted_sum(y, dy);
    };
    Values db = zeros(c.columns);
    reference::sum_rows(db.data(), dy.data(), c.rows, c.columns);
    CHECK(difference(db, finite_differences(b, loss), kDifferences) == "");
  }
}

}  // namespace
