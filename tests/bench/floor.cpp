#include "floor.hpp"

#include <algorithm>

namespace mien::bench {
namespace {

// Visits layers in order and writes down what each pass takes.
class Accountant {
 public:
  Accountant(const Peak& peak, Index batch) : peak_(peak), batch_(static_cast<double>(batch)) {}

  void add_layer(const model::PlannedLayer& layer) {
    layer_ = &layer;
    std::visit(*this, layer.spec);
    first_ = false;
  }
  std::vector<FloorRow> take_rows() { return std::move(rows_); }

  void operator()(const model::ConvSpec& s) {
    const double products = static_cast<double>(layer_->output.size() * layer_->input[0]);
    const double gflop = 2e-9 * batch_ * products * multiplications(s, layer_->input[0]);
    add(Pass::forward, gflop, activations(1, 1));
    add(Pass::backward, first_ ? gflop : 2 * gflop, activations(first_ ? 1 : 2, 1));
  }
  void operator()(const model::DenseSpec& s) {
    const double weights = static_cast<double>(layer_->input.size() * s.out);
    const double gflop = 2e-9 * batch_ * weights;
    add(Pass::forward, gflop, 4e-6 * weights + activations(1, 1));
    if (!first_) add(Pass::backward, gflop, 4e-6 * weights + activations(1, 1));
    add(Pass::update, gflop, 24e-6 * weights + activations(1, 1));
  }
  void operator()(const model::MaxPoolSpec&) { both_ways(1); }
  void operator()(const model::AvgPoolSpec&) { both_ways(1); }
  void operator()(const model::GlobalPoolSpec&) { both_ways(1); }
  void operator()(const model::LrnSpec&) { both_ways(2); }
  void operator()(const model::BatchNormSpec&) { both_ways(2); }
  void operator()(const model::ReluSpec&) {}
  void operator()(const model::DropoutSpec&) {}
  void operator()(const model::FlattenSpec&) {}

 private:
  // For one output value and one input channel.
  static double multiplications(const model::ConvSpec& s, Index in) {
    constexpr Index kLeastChannels = 16;
    const bool winograd =
        s.stride == 1 && (s.kernel == 3 || s.kernel == 5) && in >= kLeastChannels && s.out >= kLeastChannels;
    const double kernel = static_cast<double>(s.kernel);
    return winograd ? (kernel + 3) * (kernel + 3) / 16 : kernel * kernel;
  }
  // Megabytes of so many arrays like the layer's input and its output.
  double activations(double inputs, double outputs) const {
    return 4e-6 * batch_ *
           (inputs * static_cast<double>(layer_->input.size()) +
            outputs * static_cast<double>(layer_->output.size()));
  }
  // The backward pass moves two gradients and, where `inputs` is 2, reads the input once more.
  void both_ways(double inputs) {
    add(Pass::forward, 0, activations(1, 1));
    add(Pass::backward, 0, activations(inputs, 1));
  }
  void add(Pass pass, double gflop, double megabytes) {
    const double bandwidth = std::max(peak_.read_gb, peak_.update_gb);
    rows_.push_back(
        {layer_->name, pass, gflop, megabytes, std::max(gflop / peak_.gflops * 1e3, megabytes / bandwidth)});
  }

  Peak peak_;
  double batch_;
  const model::PlannedLayer* layer_ = nullptr;
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

std::vector<FloorRow> floor_of(const std::vector<model::PlannedLayer>& layers, const Peak& peak, Index batch) {
  Accountant accountant(peak, batch);
  for (const model::PlannedLayer& layer : layers) accountant.add_layer(layer);
  return accountant.take_rows();
}

}  // namespace mien::bench
