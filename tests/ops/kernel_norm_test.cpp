// Local response and batch normalization. Compared with the reference in double, within float's rounding.
#include "kernels/reference.hpp"
#include "ops/ops.hpp"
#include "support/compare.hpp"
#include "support/layouts.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

constexpr Tolerance kRounding{2e-6, 2e-6};

TEST_CASE("local response normalization equals the reference for every instruction set") {
  for (const LrnCase& c : lrn_cases()) {
    if (c.size == CaseSize::huge) continue;
    INFO(describe(c));
    const Index count = c.channels * c.pixels;
    const std::vector<float> x = reals(count, 1, 2.0f);
    const std::vector<float> dy = reals(count, 2);
    const std::vector<double> x_double = converted<double>(x);
    const std::vector<double> dy_double = converted<double>(dy);
    std::vector<double> y_expected(x.size());
    std::vector<double> dx_expected(x.size());
    reference::lrn_forward(y_expected.data(), x_double.data(), c.channels, c.pixels, c.p);
    reference::lrn_backward(dx_expected.data(), dy_double.data(), x_double.data(), c.channels, c.pixels, c.p);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> y(count);
      table.lrn_forward(y.data(), x.data(), c.channels, c.pixels, c.p);
      CHECK(difference(y, y_expected, kRounding) == "");
      Guarded<float> dx(count);
      table.lrn_backward(dx.data(), dy.data(), x.data(), c.channels, c.pixels, c.p);
      CHECK(difference(dx, dx_expected, kRounding) == "");
    });
  }
}

TEST_CASE("local response normalization does not divide alpha by the window") {
  // s = 1 + 0.5 * (1 + 4 + 9) = 8 for the middle channel.
  const std::vector<float> x = {1.0f, 2.0f, 3.0f};
  for_each_isa([&](const KernelTable& table) {
    Guarded<float> y(3);
    table.lrn_forward(y.data(), x.data(), 3, 1, {1, 1.0f, 0.5f, 1.0f});
    CHECK(difference(y, std::vector<float>{1.0f / 3.5f, 2.0f / 8.0f, 3.0f / 7.5f}, kRounding) == "");
  });
}

TEST_CASE("local response normalization of few images or many, cut into bands or not, is the kernel's") {
  const LrnParameters p{2, 1.0f, 0.25f, 0.75f};
  constexpr Index kChannels = 6;
  for (const Index n : {1, 5}) {
    for (const Index pixels : {70, 150}) {
      CAPTURE(n, pixels);
      const Index image = kChannels * pixels;
      const std::vector<float> x = reals(n * image, 1, 2.0f);
      for_each_isa([&](const KernelTable& table) {
        std::vector<float> expected(x.size());
        for (Index i = 0; i < n; ++i) {
          table.lrn_forward(expected.data() + i * image, x.data() + i * image, kChannels, pixels, p);
        }
        Guarded<float> y(n * image);
        mien::ops::lrn_forward(y.data(), x.data(), n, kChannels, pixels, p);
        CHECK(difference(y, expected) == "");
      });
    }
  }
}

TEST_CASE("local response normalization gives the same bits for either layout and every instruction set") {
  constexpr Index kImages = 3;
  for (const Index channels : {16, 64, 128, 1008}) {
    for (const Index pixels : {1, 50, 150}) {
      for (const LrnParameters& p : {LrnParameters{4, 1.0f, 0.01f, 0.75f}, LrnParameters{0, 2.0f, 0.1f, 0.75f},
                                     LrnParameters{16, 1.0f, 0.02f, 0.5f}}) {
        CAPTURE(channels, pixels, p.radius);
        const Index count = kImages * channels * pixels;
        const std::vector<float> x = reals(count, 1, 2.0f), dy = reals(count, 2);
        const std::vector<float> x_last = channels_last(x, kImages, channels, pixels);
        const std::vector<float> dy_last = channels_last(dy, kImages, channels, pixels);
        for_each_isa([&](const KernelTable&) {
          REQUIRE(mien::ops::lrn_takes_layouts(channels, p.radius));
          Guarded<float> y(count), dx(count), y_last(count), dx_last(count);
          mien::ops::lrn_forward(y.data(), x.data(), kImages, channels, pixels, p);
          mien::ops::lrn_backward(dx.data(), dy.data(), x.data(), kImages, channels, pixels, p);
          const mien::Layout last = mien::Layout::channels_last;
          mien::ops::lrn_forward(y_last.data(), x_last.data(), kImages, channels, pixels, p, last);
          mien::ops::lrn_backward(dx_last.data(), dy_last.data(), x_last.data(), kImages, channels, pixels, p,
                                  last);
          CHECK(difference(y_last, channels_last(y.values(), kImages, channels, pixels)) == "");
          CHECK(difference(dx_last, channels_last(dx.values(), kImages, channels, pixels)) == "");
        });
      }
    }
  }
}

TEST_CASE("batch normalization equals the reference and touches its own channel alone") {
  for (const BatchNormCase& c : batch_norm_cases()) {
    if (c.size == CaseSize::huge) continue;
    for (const bool relu : {false, true}) {
      INFO(describe(c) << (relu ? ", ReLU" : ""));
      const Index count = c.n * c.channels * c.pixels;
      const std::vector<float> x = reals(count, 1, 2.0f);
      const std::vector<float> dy = reals(count, 2);
      const std::vector<double> x_double = converted<double>(x);
      const std::vector<double> dy_double = converted<double>(dy);
      const Index channel = c.channels / 2;
      const double gamma = 1.25, beta = -0.5;
      double mean = 0.0, variance = 0.0, dgamma_expected = 0.0, dbeta_expected = 0.0;
      reference::batch_norm_statistics(&mean, &variance, x_double.data(), c.n, c.channels, c.pixels, channel);
      const double inv_std = 1.0 / std::sqrt(variance + 0.01);
      std::vector<double> y_expected = dy_double;
      std::vector<double> dx_expected = dy_double;
      std::vector<double> dy_expected = dy_double;  // in front of the ReLU
      reference::batch_norm_apply(y_expected.data(), x_double.data(), c.n, c.channels, c.pixels, channel, mean,
                                  inv_std, gamma, beta);
      for (Index i = 0; relu && i < count; ++i) {
        const std::size_t k = static_cast<std::size_t>(i);
        if (i / c.pixels % c.channels != channel || y_expected[k] > 0.0) continue;
        y_expected[k] = dy_expected[k] = 0.0;
      }
      reference::batch_norm_backward(dx_expected.data(), &dgamma_expected, &dbeta_expected, dy_expected.data(),
                                     x_double.data(), c.n, c.channels, c.pixels, channel, mean, inv_std, gamma);
      const mien::kernels::BatchNormChannel how{static_cast<float>(mean), static_cast<float>(inv_std), 1.25f,
                                                -0.5f, relu};
      for_each_isa([&](const KernelTable& table) {
        Guarded<float> mean_actual(1), variance_actual(1), dgamma(1), dbeta(1);
        Guarded<float> y(dy), dx(dy);
        table.batch_norm_statistics(mean_actual.data(), variance_actual.data(), x.data(), c.n, c.channels,
                                    c.pixels, channel);
        CHECK(difference(mean_actual, std::vector<double>{mean}, {1e-7, 1e-7}) == "");
        CHECK(difference(variance_actual, std::vector<double>{variance}, {1e-7, 1e-7}) == "");
        table.batch_norm_apply(y.data(), x.data(), c.n, c.channels, c.pixels, channel, how);
        CHECK(difference(y, y_expected, kRounding) == "");
        table.batch_norm_backward(dx.data(), dgamma.data(), dbeta.data(), dy.data(), x.data(), c.n, c.channels,
                                  c.pixels, channel, how);
        CHECK(difference(dx, dx_expected, {2e-5, 2e-6}) == "");  // inv_std reaches 10
        CHECK(difference(dgamma, std::vector<double>{dgamma_expected}, {1e-5, 1e-5}) == "");
        CHECK(difference(dbeta, std::vector<double>{dbeta_expected}, {1e-6, 1e-6}) == "");
      });
    }
  }
}

TEST_CASE("with fixed statistics the gradients of batch normalization are those of a multiple and a sum") {
  for (const BatchNormCase& c : batch_norm_cases()) {
    INFO(describe(c));
    const Index count = c.n * c.channels * c.pixels, channel = c.channels - 1;
    const std::vector<float> x = reals(count, 1, 2.0f), dy = reals(count, 2);
    const mien::kernels::BatchNormChannel how{0.25f, 2.0f, 1.5f, 0.125f};
    std::vector<double> dx_expected = converted<double>(dy);
    double dgamma_expected = 0.0, dbeta_expected = 0.0;
    for (const Index i : reference::channel_indices(c.n, c.channels, c.pixels, channel)) {
      const std::size_t k = static_cast<std::size_t>(i);
      dx_expected[k] *= 3.0;
      dgamma_expected += double{dy[k]} * (double{x[k]} - 0.25) * 2.0;
      dbeta_expected += double{dy[k]};
    }
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> dx(dy), dgamma(1), dbeta(1);
      table.batch_norm_fixed_backward(dx.data(), dgamma.data(), dbeta.data(), dy.data(), x.data(), c.n,
                                      c.channels, c.pixels, channel, how);
      CHECK(difference(dx, dx_expected, kRounding) == "");
      CHECK(difference(dgamma, std::vector<double>{dgamma_expected}, {1e-5, 1e-5}) == "");
      CHECK(difference(dbeta, std::vector<double>{dbeta_expected}, {1e-6, 1e-6}) == "");
    });
  }
}

struct BatchNormResults {
  std::vector<float> mean, variance, y, dx, dgamma, dbeta;
};

BatchNormResults all_of_batch_norm(const std::vector<float>& x, const std::vector<float>& dy,
                                   const mien::ops::ChannelExtents& e, bool relu, bool fixed) {
  const std::vector<float> gamma = reals(e.channels, 3), beta = reals(e.channels, 4);
  Guarded<float> mean(e.channels), variance(e.channels), y(dy), dx(dy), dgamma(e.channels), dbeta(e.channels);
  mien::ops::batch_norm_statistics(mean.data(), variance.data(), x.data(), e);
  std::vector<float> inv_std(static_cast<std::size_t>(e.channels));
  mien::ops::inverse_deviation(inv_std.data(), variance.data(), 0.01f, e.channels);
  const mien::ops::BatchNormVectors how{mean.data(), inv_std.data(), gamma.data(), beta.data(), relu};
  mien::ops::batch_norm_apply(y.data(), x.data(), e, how);
  (fixed ? mien::ops::batch_norm_fixed_backward : mien::ops::batch_norm_backward)(
      dx.data(), dgamma.data(), dbeta.data(), dy.data(), x.data(), e, how);
  for (const Guarded<float>* guarded : {&mean, &variance, &y, &dx, &dgamma, &dbeta}) CHECK(guarded->intact());
  return {mean.values(), variance.values(), y.values(), dx.values(), dgamma.values(), dbeta.values()};
}

TEST_CASE("batch normalization gives the same for images channels-last, for every instruction set") {
  for (const BatchNormCase& c : batch_norm_cases()) {
    if (c.size == CaseSize::huge) continue;
    INFO(describe(c));
    // Far from zero, so that sums of squares alone would lose the variance.
    std::vector<float> x = reals(c.n * c.channels * c.pixels, 1, 2.0f);
    for (float& value : x) value += 100.0f;
    const std::vector<float> dy = reals(c.n * c.channels * c.pixels, 2);
    const mien::ops::ChannelExtents planes{c.n, c.channels, c.pixels};
    mien::ops::ChannelExtents rows = planes;
    rows.layout = mien::Layout::channels_last;
    const auto laid = [&](const std::vector<float>& values) {
      return channels_last(values, c.n, c.channels, c.pixels);
    };
    for (const bool relu : {false, true}) {
      for (const bool fixed : {false, true}) {
        if (fixed && relu) continue;
        CAPTURE(relu, fixed);
        for_each_isa([&](const KernelTable&) {
          const BatchNormResults expected = all_of_batch_norm(x, dy, planes, relu, fixed);
          const BatchNormResults actual = all_of_batch_norm(laid(x), laid(dy), rows, relu, fixed);
          CHECK(difference(actual.mean, expected.mean, {0, 1e-6}) == "");
          CHECK(difference(actual.variance, expected.variance, {1e-5, 1e-5}) == "");
          CHECK(difference(actual.y, laid(expected.y), {1e-4, 1e-4}) == "");
          CHECK(difference(actual.dx, laid(expected.dx), {1e-3, 1e-4}) == "");
          CHECK(difference(actual.dgamma, expected.dgamma, {1e-2, 1e-4}) == "");
          CHECK(difference(actual.dbeta, expected.dbeta, {1e-3, 1e-5}) == "");
        });
      }
    }
  }
}

TEST_CASE("batch normalization may work in place") {
  const std::vector<float> x = reals(3 * 2 * 37, 1);
  const mien::kernels::BatchNormChannel how{0.25f, 2.0f, 1.5f, 0.125f};
  for_each_isa([&](const KernelTable& table) {
    Guarded<float> apart(x), in_place(x);
    table.batch_norm_apply(apart.data(), x.data(), 3, 2, 37, 1, how);
    table.batch_norm_apply(in_place.data(), in_place.data(), 3, 2, 37, 1, how);
    CHECK(difference(in_place, apart.values()) == "");
    CHECK(apart.values()[37] == (x[37] - 0.25f) * 3.0f + 0.125f);
  });
}

TEST_CASE("NaN passes the ReLU of a batch normalization, and no gradient passes NaN") {
  const std::vector<float> x = {1, std::nanf(""), -1, 2}, dy = {1, 1, 1, 1};
  const mien::kernels::BatchNormChannel how{0, 1, 1, 0, true};
  for_each_isa([&](const KernelTable& table) {
    Guarded<float> y(4), dx(4);
    table.batch_norm_apply(y.data(), x.data(), 1, 1, 4, 0, how);
    CHECK(y.values()[0] == 1.0f);
    CHECK(std::isnan(y.values()[1]));
    CHECK(y.values()[2] == 0.0f);
    float dgamma = 0, dbeta = 0;
    table.batch_norm_backward(dx.data(), &dgamma, &dbeta, dy.data(), x.data(), 1, 1, 4, 0, how);
    CHECK(dbeta == 2.0f);
  });
}

TEST_CASE("statistics of a channel that is constant, begins unlike the rest, or holds NaN") {
  constexpr Index kPixels = 40 * 40, kImages = 3;
  const auto statistics = [&](const KernelTable& table, const std::vector<float>& x) {
    float mean = 0.0f, variance = -1.0f;
    table.batch_norm_statistics(&mean, &variance, x.data(), kImages, 1, kPixels, 0);
    return std::pair(mean, variance);
  };
  std::vector<float> constant(kImages * kPixels, 1.7f), border = constant, broken = constant;
  for (std::size_t i = 0; i < border.size(); ++i)
    border[i] = i % kPixels < 40 ? 0.0f : 1.7f + (i % 2 == 0 ? 0.1f : -0.1f);
  broken[kPixels + 5] = std::nanf("");
  const std::vector<double> exact = converted<double>(border);
  double mean = 0.0, variance = 0.0;
  reference::batch_norm_statistics(&mean, &variance, exact.data(), kImages, 1, kPixels, 0);
  for_each_isa([&](const KernelTable& table) {
    CHECK(statistics(table, constant) == std::pair(1.7f, 0.0f));
    const auto of_border = statistics(table, border);
    CHECK(double{of_border.first} == Approx(mean).epsilon(1e-6));
    CHECK(double{of_border.second} == Approx(variance).epsilon(2e-6));
    CHECK(std::isnan(statistics(table, broken).first));
    CHECK(std::isnan(statistics(table, broken).second));
  });
}

TEST_CASE("the variance of values far from zero keeps its digits") {
  std::vector<float> x(1000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 4096.0f + (i % 2 == 0 ? 0.25f : -0.25f);
  for_each_isa([&](const KernelTable& table) {
    float mean = 0.0f, variance = 0.0f;
    table.batch_norm_statistics(&mean, &variance, x.data(), 10, 1, 100, 0);
    CHECK(mean == 4096.0f);
    CHECK(variance == 0.0625f);
  });
}

}  // namespace
