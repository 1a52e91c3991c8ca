// Convolutions of batches, whichever method the geometry selects, against the reference.
#include <algorithm>

#include "kernels/reference.hpp"
#include "ops/ops.hpp"
#include "support/compare.hpp"
#include "support/halves.hpp"
#include "support/layouts.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien;
using namespace mien::testing;
using kernels::Conv2dGeometry;
using kernels::KernelTable;

// Winograd's method loses about a digit: errors are a few millionths of the largest value.
constexpr double kOfLargest = 2e-5;

double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

void check_close(const Guarded<float>& actual, const std::vector<double>& expected) {
  CHECK(difference(actual, expected, {kOfLargest * largest(expected), 0}) == "");
}

struct Problem {
  Conv2dGeometry g;
  Index n;
  Precision precision;  // in which there is nothing to round
  std::vector<float> x, w, b, dy;

  Problem(const Conv2dGeometry& geometry, Index images, Precision values = Precision::f32)
      : g(geometry),
        n(images),
        precision(values),
        x(reals(n * input_count(g), 1)),
        w(reals(weight_count(g), 2)),
        b(reals(g.out_channels, 3)),
        dy(reals(n * output_count(g), 4)) {
    if (precision == Precision::f32) return;
    for (std::vector<float>* all : {&x, &w, &dy}) *all = cut_to_halves(*all);
  }
};

// Calls check(precision) for the kinds of products that this geometry has with the instruction set in use.
template <typename Check>
void for_each_precision(const Conv2dGeometry& g, Check check) {
  check(Precision::f32);
  if (ops::conv2d_narrows(g, Precision::bf16)) check(Precision::bf16);
}

struct Expected {
  std::vector<double> y, dx, dw, db;
};

// The reference in double precision; with relu, dy counts only where y is above zero.
Expected reference_of(const Problem& p, bool with_bias, bool relu) {
  const std::vector<double> x = converted<double>(p.x), w = converted<double>(p.w), b = converted<double>(p.b);
  std::vector<double> dy = converted<double>(p.dy);
  Expected e;
  e.y.resize(dy.size());
  e.dx.resize(x.size());
  e.dw.resize(w.size());
  e.db.resize(b.size());
  for (Index i = 0; i < p.n; ++i) {
    double* y = e.y.data() + i * output_count(p.g);
    double* image_dy = dy.data() + i * output_count(p.g);
    const double* image = x.data() + i * input_count(p.g);
    kernels::reference::conv2d_forward<double>(y, image, w.data(), with_bias ? b.data() : nullptr, p.g);
    for (Index j = 0; relu && j < output_count(p.g); ++j) {
      if (y[j] <= 0) y[j] = image_dy[j] = 0;
    }
    kernels::reference::conv2d_backward_input<double>(e.dx.data() + i * input_count(p.g), image_dy, w.data(),
                                                      p.g);
    kernels::reference::conv2d_backward_weight<double>(e.dw.data(), e.db.data(), image_dy, image, p.g);
  }
  return e;
}

void check_problem(const Problem& p, bool with_bias, bool relu) {
  CAPTURE(with_bias, relu, p.n);
  const Expected e = reference_of(p, with_bias, relu);
  const float* b = with_bias ? p.b.data() : nullptr;
  const Tensor prepared = ops::prepare_filter(p.w.data(), p.g, p.precision);
  for (const Tensor& filter : {Tensor(), prepared}) {
    Guarded<float> y(p.n * output_count(p.g));
    ops::conv2d_forward(y.data(), p.x.data(), p.w.data(), b, p.n, p.g, relu, filter, {}, p.precision);
    check_close(y, e.y);
  }
  // Signs near zero may differ; the gradient is that of the reference's.
  const std::vector<float> relu_output = converted<float>(e.y);
  Guarded<float> dw(weight_count(p.g));
  for (const Tensor& filter : {Tensor(), ops::prepare_transposed_filter(p.w.data(), p.g, p.precision)}) {
    Guarded<float> dx(p.n * input_count(p.g)), db(p.g.out_channels);
    dw = Guarded<float>(weight_count(p.g));
    ops::conv2d_backward({dx.data(), dw.data(), db.data()}, p.dy.data(), relu ? relu_output.data() : nullptr,
                         p.x.data(), p.w.data(), p.n, p.g, filter, {}, p.precision);
    check_close(dx, e.dx);
    check_close(dw, e.dw);
    check_close(db, e.db);
  }
  Guarded<float> dw_alone(weight_count(p.g));
  ops::conv2d_backward({nullptr, dw_alone.data(), nullptr}, p.dy.data(), relu ? relu_output.data() : nullptr,
                       p.x.data(), p.w.data(), p.n, p.g, {}, {}, p.precision);
  CHECK(dw_alone.values() == dw.values());
}

// What channels-first operands give, to the bit.
void check_layouts(const Problem& p, bool relu, ops::ConvLayouts layouts) {
  const bool x_last = layouts.x == Layout::channels_last, y_last = layouts.y == Layout::channels_last;
  CAPTURE(relu, p.n, x_last, y_last);
  const auto as_x = [&](const std::vector<float>& x) {
    return x_last ? channels_last(x, p.n, p.g.in_channels, p.g.in_height * p.g.in_width) : x;
  };
  const auto as_y = [&](const std::vector<float>& y) {
    return y_last ? channels_last(y, p.n, p.g.out_channels, p.g.out_height * p.g.out_width) : y;
  };
  Guarded<float> y(p.n * output_count(p.g)), y_laid(p.n * output_count(p.g));
  Guarded<float> dx(p.n * input_count(p.g)), dw(weight_count(p.g)), db(p.g.out_channels);
  Guarded<float> dx_laid(p.n * input_count(p.g)), dw_laid(weight_count(p.g)), db_laid(p.g.out_channels);
  const std::vector<float> x_laid = as_x(p.x), dy_laid = as_y(p.dy);
  ops::conv2d_forward(y.data(), p.x.data(), p.w.data(), p.b.data(), p.n, p.g, relu, {}, {}, p.precision);
  ops::conv2d_forward(y_laid.data(), x_laid.data(), p.w.data(), p.b.data(), p.n, p.g, relu, {}, layouts,
                      p.precision);
  CHECK(difference(y_laid, as_y(y.values())) == "");
  ops::conv2d_backward({dx.data(), dw.data(), db.data()}, p.dy.data(), relu ? y.data() : nullptr, p.x.data(),
                       p.w.data(), p.n, p.g, {}, {}, p.precision);
  ops::conv2d_backward({dx_laid.data(), dw_laid.data(), db_laid.data()}, dy_laid.data(),
                       relu ? y_laid.data() : nullptr, x_laid.data(), p.w.data(), p.n, p.g, {}, layouts,
                       p.precision);
  CHECK(difference(dx_laid, as_x(dx.values())) == "");
  CHECK(difference(dw_laid, dw.values()) == "");
  CHECK(difference(db_laid, db.values()) == "");
}

TEST_CASE("convolutions give the same bits for every layout and instruction set") {
  const Layout first = Layout::channels_first, last = Layout::channels_last;
  for (const ConvCase& c : conv_cases()) {
    if (input_count(c.g) > 20000 || !ops::conv2d_takes_layouts(c.g)) continue;
    INFO(describe(c));
    for (const Index n : {1, 7}) {
      for_each_isa([&](const KernelTable&) {
        for_each_precision(c.g, [&](Precision precision) {
          const Problem p(c.g, n, precision);
          for (const bool relu : {false, true}) {
            check_layouts(p, relu, {last, first});
            check_layouts(p, relu, {first, last});
            check_layouts(p, relu, {last, last});
          }
        });
      });
    }
  }
}

TEST_CASE("convolutions of batches equal the reference, by every method and instruction set") {
  for (const ConvCase& c : conv_cases()) {
    if (input_count(c.g) > 20000) continue;  // the paper's
    INFO(describe(c));
    for_each_isa([&](const KernelTable&) {
      for_each_precision(c.g, [&](Precision precision) {
        const Problem several(c.g, 5, precision);
        check_problem(Problem(c.g, 1, precision), true, false);
        check_problem(several, true, true);
        check_problem(several, false, false);
      });
    });
  }
}

TEST_CASE("the paper's second convolution in groups of images equals the reference") {
  set_thread_count(1);  // two images a group
  for (const ConvCase& c : conv_cases()) {
    if (c.g.in_channels != 64) continue;
    for_each_precision(c.g,
                       [&](Precision precision) { check_problem(Problem(c.g, 3, precision), true, true); });
  }
  set_thread_count(0);
}

TEST_CASE("filters' gradients summed for halves of the images, by groups, equal the reference") {
  set_thread_count(GENERATE(1, 2));  // two threads take a half each
  check_problem(Problem({32, 11, 10, 128, 11, 10, 5, 5, 1, 2, 2}, 19), true, true);
  set_thread_count(0);
}

TEST_CASE("convolutions give the same bits with any number of threads") {
  // The filters' gradient is summed by shares of the images, and by groups of them in two halves.
  const Index out_channels = GENERATE(48, 128);
  const Conv2dGeometry g{32, 11, 10, out_channels, 11, 10, 5, 5, 1, 2, 2};
  const Problem p(g, 29, GENERATE(Precision::f32, Precision::bf16));
  struct Result {
    std::vector<float> y, dx, dw, db;
  };
  const auto run = [&](int threads) {
    set_thread_count(threads);
    Result r{std::vector<float>(p.dy.size()), std::vector<float>(p.x.size()), std::vector<float>(p.w.size()),
             std::vector<float>(p.b.size())};
    ops::conv2d_forward(r.y.data(), p.x.data(), p.w.data(), p.b.data(), p.n, g, true, {}, {}, p.precision);
    ops::conv2d_backward({r.dx.data(), r.dw.data(), r.db.data()}, p.dy.data(), r.y.data(), p.x.data(),
                         p.w.data(), p.n, g, {}, {}, p.precision);
    return r;
  };
  const Result one = run(1);
  for (const int threads : {2, 3, 7}) {
    CAPTURE(threads);
    const Result several = run(threads);
    CHECK(one.y == several.y);
    CHECK(one.dx == several.dx);
    CHECK(one.dw == several.dw);
    CHECK(one.db == several.db);
  }
  set_thread_count(0);
}

TEST_CASE("an image's convolution does not depend on the batch around it") {
  const Conv2dGeometry g{16, 6, 6, 32, 6, 6, 3, 3, 1, 1, 1};
  const Problem p(g, 40, GENERATE(Precision::f32, Precision::bf16));
  std::vector<float> together(p.dy.size());
  ops::conv2d_forward(together.data(), p.x.data(), p.w.data(), p.b.data(), p.n, g, false, {}, {}, p.precision);
  std::vector<float> alone(p.dy.size());
  for (Index i = 0; i < p.n; ++i) {
    ops::conv2d_forward(alone.data() + i * output_count(g), p.x.data() + i * input_count(g), p.w.data(),
                        p.b.data(), 1, g, false, {}, {}, p.precision);
  }
  CHECK(together == alone);
}

}  // namespace
