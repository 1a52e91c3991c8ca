// The operations of the case table, one by one, beside the peak: arithmetic, or traffic where there is little.
#include "ops/ops.hpp"

#include <cstdio>

#include "bench.hpp"
#include "mien/core/tensor.hpp"
#include "mien/optim/adam.hpp"
#include "ops/depthwise.hpp"
#include "peak.hpp"
#include "support/op_cases.hpp"

namespace mien::bench {
namespace {

using testing::CaseSize;

class Table {
 public:
  Table(const Options& options, const Peak& peak) : options_(options), peak_(peak) {}

  // Work of one call in operations (or 0) and bytes.
  void row(const std::string& name, double flop, double bytes, const std::function<void()>& call) {
    const Timing timing = measure(options_.runs, 1, call);
    const double gflops = flop / timing.median_ms / 1e6;
    const double gigabytes = bytes / timing.median_ms / 1e6;
    const double fraction = flop > 0 ? gflops / peak_.gflops : gigabytes / peak_.update_gb;
    if (options_.json) {
      Json json;
      json.set("op", name);
      json.set("median_ms", timing.median_ms);
      json.set("min_ms", timing.min_ms);
      json.set("runs", timing.runs);
      json.set(flop > 0 ? "gflops" : "gb_per_second", flop > 0 ? gflops : gigabytes);
      json.set("fraction_of_peak", fraction);
      rows_.append(std::move(json));
      return;
    }
    std::printf("%-85s %9.3f ms %8.1f %s %4.0f %%\n", name.c_str(), timing.median_ms,
                flop > 0 ? gflops : gigabytes, flop > 0 ? "GFLOP/s" : "GB/s   ", 100 * fraction);
  }
  void finish() const {
    if (!options_.json) return;
    Json json;
    json.set("ops", rows_);
    print(options_, json);
  }

 private:
  const Options& options_;
  Peak peak_;
  Json rows_{Json::Array{}};
};

Tensor filled(Index size) {
  return Tensor::full({size}, 0.01f);
}

// Direct operations count, so that Winograd's method may pass 100 %.
void bench_conv(Table& table, const testing::ConvCase& c, Index n) {
  const kernels::Conv2dGeometry& g = c.g;
  const Index x_size = n * g.in_channels * g.in_height * g.in_width;
  const Index y_size = n * g.out_channels * g.out_height * g.out_width;
  const Index w_size = g.out_channels * g.in_channels * g.kernel_height * g.kernel_width;
  const Index products = y_size * (w_size / g.out_channels);
  const double flop = 2.0 * static_cast<double>(products);
  Tensor x = filled(x_size), w = filled(w_size), b = filled(g.out_channels), y = filled(y_size);
  Tensor dx = filled(x_size), dw = filled(w_size), db = filled(g.out_channels);
  const std::string name = testing::describe(c) + " x" + std::to_string(n);
  table.row(name + " forward", flop, 0,
            [&] { ops::conv2d_forward(y.mutable_data(), x.data(), w.data(), b.data(), n, g); });
  table.row(name + " backward", 2 * flop, 0, [&] {
    ops::conv2d_backward({dx.mutable_data(), dw.mutable_data(), db.mutable_data()}, y.data(), nullptr, x.data(),
                         w.data(), n, g);
  });
}

// Traffic counts, as of the operations that do little with what they read: a ReLU of the same outputs, beside
// which each stands, reads and writes them at best.
void bench_depthwise(Table& table, const testing::DepthwiseCase& c, Index n) {
  const kernels::DepthwiseGeometry& g = c.g;
  const Index x_size = n * testing::input_count(g), y_size = n * testing::output_count(g);
  Tensor x = filled(x_size), y = filled(y_size), dx = filled(x_size), dw = filled(testing::weight_count(g));
  Tensor w = filled(testing::weight_count(g)), b = filled(g.planes), db = filled(g.planes);
  const std::string name = testing::describe(c) + " x" + std::to_string(n);
  const double bytes = 4.0 * static_cast<double>(x_size + y_size);
  table.row(name + " forward", 0, bytes,
            [&] { ops::depthwise_forward(y.mutable_data(), x.data(), w.data(), b.data(), n, g, true); });
  table.row(name + " backward", 0, 2 * bytes, [&] {
    ops::depthwise_backward({dx.mutable_data(), dw.mutable_data(), db.mutable_data()}, y.data(), nullptr,
                            x.data(), w.data(), n, g);
  });
}

// x [n] to y [n], as much as a layer of a small network has.
void bench_relu(Table& table, Index size) {
  Tensor x = filled(size), y = filled(size);
  table.row("relu of " + std::to_string(size) + " forward", 0, 8.0 * static_cast<double>(size),
            [&] { ops::relu_forward(y.mutable_data(), x.data(), size); });
}

void bench_dense(Table& table, const testing::GemmCase& c) {
  const double flop = 2.0 * static_cast<double>(c.m) * static_cast<double>(c.n) * static_cast<double>(c.k);
  Tensor x = Tensor::full({c.m, c.k}, 0.01f), y = Tensor::full({c.m, c.n}, 0.01f);
  autograd::Parameter w{
      .name = "w", .value = Tensor::full({c.k, c.n}, 0.01f), .trainable = true, .gradient = {}};
  optim::Adam adam({&w});
  const std::string name =
      "dense " + std::to_string(c.k) + " -> " + std::to_string(c.n) + " x" + std::to_string(c.m);
  table.row(name + " forward", flop, 0,
            [&] { ops::dense_forward(y.mutable_data(), x.data(), w.value.data(), nullptr, c.m, c.k, c.n); });
  table.row(name + " input gradient", flop, 0,
            [&] { ops::dense_backward_input(x.mutable_data(), y.data(), w.value.data(), c.m, c.k, c.n); });
  table.row(name + " weight gradient and Adam", flop, 0, [&] {
    w.gradient = autograd::Gradient::product(x, y);
    adam.step(1e-4f);
  });
}

void bench_batch_norm(Table& table, const testing::BatchNormCase& c) {
  const Index size = c.n * c.channels * c.pixels;
  Tensor x = filled(size), y = filled(size), dx = filled(size);
  Tensor mean = filled(c.channels), variance = filled(c.channels), dgamma = filled(c.channels),
         dbeta = filled(c.channels);
  const std::string name = testing::describe(c);
  const double bytes = 4.0 * static_cast<double>(size);
  const ops::ChannelExtents extents{c.n, c.channels, c.pixels};
  const ops::BatchNormVectors how{mean.data(), mean.data(), mean.data(), mean.data()};
  table.row(name + " forward", 0, 2 * bytes, [&] {
    ops::batch_norm_statistics(mean.mutable_data(), variance.mutable_data(), x.data(), extents);
    ops::batch_norm_apply(y.mutable_data(), x.data(), extents, how);
  });
  table.row(name + " backward", 0, 3 * bytes, [&] {
    ops::batch_norm_backward(dx.mutable_data(), dgamma.mutable_data(), dbeta.mutable_data(), y.data(), x.data(),
                             extents, how);
  });
}

void bench_lrn(Table& table, const testing::LrnCase& c, Index n) {
  const Index size = n * c.channels * c.pixels;
  Tensor x = filled(size), y = filled(size), dx = filled(size);
  const std::string name = testing::describe(c) + " x" + std::to_string(n);
  const double bytes = 4.0 * static_cast<double>(size);
  table.row(name + " forward", 0, 2 * bytes,
            [&] { ops::lrn_forward(y.mutable_data(), x.data(), n, c.channels, c.pixels, c.p); });
  table.row(name + " backward", 0, 3 * bytes,
            [&] { ops::lrn_backward(dx.mutable_data(), y.data(), x.data(), n, c.channels, c.pixels, c.p); });
}

void bench_pool(Table& table, const testing::PoolCase& c, Index n) {
  const kernels::Pool2dGeometry& g = c.g;
  const Index x_size = n * g.planes * g.in_height * g.in_width;
  const Index y_size = n * g.planes * g.out_height * g.out_width;
  Tensor x = filled(x_size), y = filled(y_size);
  std::vector<std::uint8_t> argmax(static_cast<std::size_t>(y_size));
  const std::string name = "max " + testing::describe(c) + " x" + std::to_string(n);
  const double bytes = 4.0 * static_cast<double>(x_size) + 5.0 * static_cast<double>(y_size);
  table.row(name + " forward", 0, bytes,
            [&] { ops::max_pool2d_forward(y.mutable_data(), argmax.data(), x.data(), n, g); });
  table.row(name + " backward", 0, bytes,
            [&] { ops::max_pool2d_backward(x.mutable_data(), y.data(), argmax.data(), n, g); });
}

}  // namespace

void run_ops(const Options& options) {
  Table table(options, measure_peak());
  for (const testing::ConvCase& c : testing::conv_cases()) {
    if (c.size != CaseSize::small) bench_conv(table, c, options.batch);
  }
  for (const testing::DepthwiseCase& c : testing::depthwise_cases()) {
    if (c.size == CaseSize::small) continue;
    bench_relu(table, options.batch * testing::input_count(c.g));
    bench_depthwise(table, c, options.batch);
  }
  for (const testing::GemmCase& c : testing::gemm_cases()) {
    if (c.size != CaseSize::small) bench_dense(table, c);
  }
  for (const testing::BatchNormCase& c : testing::batch_norm_cases()) {
    if (c.size != CaseSize::small) bench_batch_norm(table, c);
  }
  for (const testing::LrnCase& c : testing::lrn_cases()) {
    if (c.size != CaseSize::small) bench_lrn(table, c, options.batch);
  }
  for (const testing::PoolCase& c : testing::pool_cases()) {
    if (c.size != CaseSize::small) bench_pool(table, c, options.batch);
  }
  table.finish();
}

}  // namespace mien::bench
