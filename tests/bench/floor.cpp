#include "floor.hpp"

#include <algorithm>

namespace mien::bench {
namespace {

// Visits layers in order and writes down what each pass takes.
class Accountant {
 public:
  Accountant(const Peak& peak, Index batch) : peak_(peak), batch_(static_cast<double>(batch)) {}

  void add_layer(const model::Node& layer) {
    layer_ = &layer;
    const model::Cost cost =
        std::visit([&](const auto& kind) { return kind.cost(layer.input(), layer.output); }, layer.spec);
    if (cost.moves) add_passes(cost);
    first_ = false;
  }
  std::vector<FloorRow> take_rows() { return std::move(rows_); }

 private:
  void add_passes(const model::Cost& cost) {
    const double gflop = 2e-9 * batch_ * cost.multiplications;
    const double weights = 4e-6 * cost.weights;
    add(Pass::forward, gflop, weights + activations(1, 1));
    if (cost.weights > 0) {
      if (!first_) add(Pass::backward, gflop, weights + activations(1, 1));
      add(Pass::update, gflop, 6 * weights + activations(1, 1));
    } else {
      add(Pass::backward, first_ ? gflop : 2 * gflop, activations(first_ ? 1 : cost.backward_reads, 1));
    }
  }
  // Megabytes of so many arrays like the layer's input and its output.
  double activations(double inputs, double outputs) const {
    return 4e-6 * batch_ *
           (inputs * static_cast<double>(layer_->input().size()) +
            outputs * static_cast<double>(layer_->output.size()));
  }
  void add(Pass pass, double gflop, double megabytes) {
    const double bandwidth = std::max(peak_.read_gb, peak_.update_gb);
    rows_.push_back(
        {layer_->name, pass, gflop, megabytes, std::max(gflop / peak_.gflops * 1e3, megabytes / bandwidth)});
  }

  Peak peak_;
  double batch_;
  const model::Node* layer_ = nullptr;
  bool first_ = true;
  std::vector<FloorRow> rows_;
};

}  // namespace

const char* name_of(Pass pass) {
  switch (pass) {
    case Pass::forward:
      return "forward";
    case Pass::backward:
      return "backward";
    case Pass::update:
      return "update";
  }
  return "";
}

std::vector<FloorRow> floor_of(const model::Graph& graph, const Peak& peak, Index batch) {
  Accountant accountant(peak, batch);
  for (const model::Node& node : graph.nodes) accountant.add_layer(node);
  return accountant.take_rows();
}

}  // namespace mien::bench
