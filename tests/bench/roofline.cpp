// The least time a training step can take on this machine: for each layer and pass the larger of its arithmetic
// divided by the peak and its memory traffic divided by the bandwidth, both measured just before.
//
// What is counted:
// - convolutions of stride 1 with 3x3 or 5x5 filters and channels in sixteens: Winograd's multiplications (36
// or
//   64 for 16 outputs), transforms for nothing; other convolutions: all multiplications;
// - dense layers: 2 * batch * in * out a pass; the weights are read once by the forward pass and once by the
//   input gradient; the weight gradient is a product that nobody stores, with Adam's 24 bytes a weight;
// - everything else: its input read once and its output written once, in each direction;
// - the first layer computes no input gradient; loss, dropout and flattening cost nothing.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "bench.hpp"
#include "mien/core/parallel.hpp"

namespace mien::bench {
namespace {

struct Row {
  std::string layer;
  std::string pass;
  double gflop = 0;
  double megabytes = 0;
  double floor_ms = 0;
};

class Floor {
 public:
  Floor(const Peak& peak, Index batch) : peak_(peak), batch_(static_cast<double>(batch)) {}

  void add_layer(const model::PlannedLayer& layer, bool first) {
    layer_ = &layer;
    first_ = first;
    std::visit(*this, layer.spec);
  }
  const std::vector<Row>& rows() const { return rows_; }
  double total_ms() const {
    double sum = 0;
    for (const Row& row : rows_) sum += row.floor_ms;
    return sum;
  }

  void operator()(const model::ConvSpec& s) {
    const double in = static_cast<double>(layer_->input[0]);
    const double out = static_cast<double>(s.out);
    const double pixels = static_cast<double>(layer_->output.size()) / out;
    const bool winograd =
        s.stride == 1 && (s.kernel == 3 || s.kernel == 5) && layer_->input[0] % 16 == 0 && s.out % 16 == 0;
    const double edge = static_cast<double>(s.kernel) + 3;
    const double taps = winograd ? edge * edge / 16 : static_cast<double>(s.kernel * s.kernel);
    const double gflop = 2e-9 * batch_ * in * out * pixels * taps;
    const double traffic = activations(1, 1);
    add("forward", gflop, traffic);
    if (!first_) add("input gradient", gflop, traffic);
    add("weight gradient", gflop, traffic);
  }
  void operator()(const model::DenseSpec& s) {
    const double weights = static_cast<double>(layer_->input.size() * s.out);
    const double gflop = 2e-9 * batch_ * weights;
    add("forward", gflop, 4e-6 * weights);
    if (!first_) add("input gradient", gflop, 4e-6 * weights);
    add("weight gradient, Adam", gflop, 24e-6 * weights);
  }
  void operator()(const model::MaxPoolSpec&) { both_ways(); }
  void operator()(const model::AvgPoolSpec&) { both_ways(); }
  void operator()(const model::GlobalPoolSpec&) { both_ways(); }
  void operator()(const model::LrnSpec&) { both_ways(); }
  void operator()(const model::BatchNormSpec&) { both_ways(); }
  void operator()(const model::ReluSpec&) {}  // part of the layer before
  void operator()(const model::DropoutSpec&) {}
  void operator()(const model::FlattenSpec&) {}

 private:
  // Megabytes of so many inputs and outputs of the layer.
  double activations(double inputs, double outputs) const {
    return 4e-6 * batch_ *
           (inputs * static_cast<double>(layer_->input.size()) +
            outputs * static_cast<double>(layer_->output.size()));
  }
  void both_ways() {
    add("forward", 0, activations(1, 1));
    add("backward", 0, activations(1, 1));
  }
  void add(const char* pass, double gflop, double megabytes) {
    const double bandwidth = std::max(peak_.read_gb, peak_.update_gb);
    rows_.push_back(
        {layer_->name, pass, gflop, megabytes, std::max(gflop / peak_.gflops * 1e3, megabytes / bandwidth)});
  }

  Peak peak_;
  double batch_;
  const model::PlannedLayer* layer_ = nullptr;
  bool first_ = true;
  std::vector<Row> rows_;
};

Json to_json(const Peak& peak) {
  Json json;
  json.set("gflops", peak.gflops);
  json.set("read_gb_per_second", peak.read_gb);
  json.set("update_gb_per_second", peak.update_gb);
  return json;
}

}  // namespace

void run_roofline(const Options& options) {
  const Peak peak = measure_peak();
  Floor floor(peak, options.batch);
  bool first = true;
  for (const model::PlannedLayer& layer : model::plan(find_spec(options.model))) {
    floor.add_layer(layer, first);
    first = false;
  }
  if (options.json) {
    Json rows{Json::Array{}};
    for (const Row& row : floor.rows()) {
      Json json;
      json.set("layer", row.layer);
      json.set("pass", row.pass);
      json.set("gflop", row.gflop);
      json.set("megabytes", row.megabytes);
      json.set("floor_ms", row.floor_ms);
      rows.append(std::move(json));
    }
    Json json;
    json.set("peak", to_json(peak));
    json.set("threads", thread_count());
    json.set("batch", options.batch);
    json.set("floor_ms", floor.total_ms());
    json.set("rows", std::move(rows));
    print(options, json);
    return;
  }
  std::printf("peak of %d threads: %.0f GFLOP/s, reading %.1f GB/s, updating %.1f GB/s\n", thread_count(),
              peak.gflops, peak.read_gb, peak.update_gb);
  std::printf("%-12s %-22s %8s %8s %9s\n", "layer", "pass", "GFLOP", "MB", "floor ms");
  for (const Row& row : floor.rows()) {
    std::printf("%-12s %-22s %8.2f %8.1f %9.2f\n", row.layer.c_str(), row.pass.c_str(), row.gflop,
                row.megabytes, row.floor_ms);
  }
  std::printf("%-12s %-22s %8s %8s %9.2f\n", "all", "", "", "", floor.total_ms());
}

}  // namespace mien::bench
