#include "floor.hpp"

#include <algorithm>

namespace mien::bench {
namespace {

// Both moments decay, the gradient's square joins one of them; a root, epsilon, a division, a step.
constexpr double kAdamOperations = 7;

// What passes take of one layer, or of several that are joined: GFLOP, and megabytes of a batch.
struct Stage {
  std::string name;
  double forward = 0, backward = 0, update = 0;
  double input = 0, output = 0;
  double weights = 0;  // of a dense layer
  double backward_reads = 1;
  bool multiplies = false;
  bool learns = false;          // has weights
  bool passes_gradient = true;  // to layers before it that learn
};

struct Work {
  double gflop = 0;
  double read = 0, updated = 0;  // megabytes
};

Stage stage_of(const model::Node& node, const model::Cost& cost, bool passes_gradient, Index batch) {
  const double samples = static_cast<double>(batch);
  const auto gflop = [&](double products, double others, double on_weights) {
    return 2e-9 * (samples * (products + others) + on_weights);
  };
  Stage stage{.name = node.name,
              .input = 4e-6 * samples * static_cast<double>(node.input().size()),
              .output = 4e-6 * samples * static_cast<double>(node.output.size()),
              .weights = 4e-6 * cost.weights,
              .backward_reads = cost.backward_reads,
              .multiplies = cost.multiplications > 0,
              .learns = !node.parameters.empty(),
              .passes_gradient = passes_gradient};
  stage.forward = gflop(cost.multiplications, cost.others.forward, cost.on_weights.forward);
  const double of_weights =
      gflop(cost.multiplications, cost.others.weights_gradient, cost.on_weights.weights_gradient);
  (cost.weights > 0 ? stage.update : stage.backward) = of_weights;
  stage.update += 2e-9 * kAdamOperations * cost.weights;
  if (passes_gradient) {
    stage.backward += gflop(cost.multiplications, cost.others.input_gradient, cost.on_weights.input_gradient);
  }
  return stage;
}

// The stages of all layers that move memory by themselves.
std::vector<Stage> stages_of(const model::Graph& graph, Index batch) {
  std::vector<Stage> stages;
  std::vector<bool> learned;  // whether a node's value depends on weights
  for (const model::Node& node : graph.nodes) {
    const bool passes_gradient = std::any_of(node.inputs.begin(), node.inputs.end(), [&](int input) {
      return input != model::Node::kNetworkInput && learned[static_cast<std::size_t>(input)];
    });
    learned.push_back(passes_gradient || !node.parameters.empty());
    const model::Cost cost =
        std::visit([&](const auto& kind) { return kind.cost(node.input(), node.output); }, node.spec);
    if (cost.moves) stages.push_back(stage_of(node, cost, passes_gradient, batch));
  }
  return stages;
}

// A stage of each layer with products and the others behind it; one of those in front of the first.
std::vector<Stage> joined(const std::vector<Stage>& stages) {
  std::vector<Stage> all;
  for (const Stage& stage : stages) {
    if (all.empty() || stage.multiplies) {
      all.push_back(stage);
      continue;
    }
    Stage& before = all.back();
    before.name += "+" + stage.name;
    before.forward += stage.forward;
    before.backward += stage.backward;
    before.output = stage.output;
    before.learns = before.learns || stage.learns;
  }
  return all;
}

Work forward_of(const Stage& stage) {
  return {.gflop = stage.forward, .read = stage.weights + stage.input, .updated = 2 * stage.output};
}

bool has_backward(const Stage& stage) {
  return stage.passes_gradient || (stage.learns && stage.weights == 0);
}
// Of what is as large as the input, its gradient is written and the rest read.
Work backward_of(const Stage& stage) {
  Work work{.gflop = stage.backward, .read = stage.weights + stage.output};
  if (!stage.passes_gradient) {
    work.read += stage.input;
  } else {
    if (stage.weights == 0) work.read += (stage.backward_reads - 1) * stage.input;
    work.updated = 2 * stage.input;
  }
  return work;
}

Work update_of(const Stage& stage) {
  return {.gflop = stage.update, .read = stage.input + stage.output, .updated = 6 * stage.weights};
}

// The forward pass is the next step's, with the weights at hand.
Work update_and_forward_of(const Stage& stage) {
  const Work update = update_of(stage), forward = forward_of(stage);
  return {.gflop = update.gflop + forward.gflop,
          .read = update.read + forward.read - stage.weights,
          .updated = update.updated + forward.updated};
}

class Accountant {
 public:
  explicit Accountant(const Peak& peak) : peak_(peak) {}

  void add(const Stage& stage, Pass pass, const Work& work) {
    const double compute_ms = work.gflop / peak_.gflops * 1e3;
    const double memory_ms = work.read / peak_.read_gb + work.updated / peak_.update_gb;
    rows_.push_back({.layer = stage.name,
                     .pass = pass,
                     .gflop = work.gflop,
                     .read_mb = work.read,
                     .update_mb = work.updated,
                     .floor_ms = std::max(compute_ms, memory_ms)});
  }
  std::vector<FloorRow> take_rows() { return std::move(rows_); }

 private:
  Peak peak_;
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
    case Pass::update_forward:
      return "update+forward";
  }
  return "";
}

std::vector<FloorRow> floor_of(const model::Graph& graph, const Peak& peak, Index batch) {
  Accountant accountant(peak);
  for (const Stage& stage : stages_of(graph, batch)) {
    accountant.add(stage, Pass::forward, forward_of(stage));
    if (has_backward(stage)) accountant.add(stage, Pass::backward, backward_of(stage));
    if (stage.weights > 0) accountant.add(stage, Pass::update, update_of(stage));
  }
  return accountant.take_rows();
}

std::vector<FloorRow> fused_floor_of(const model::Graph& graph, const Peak& peak, Index batch) {
  Accountant accountant(peak);
  for (const Stage& stage : joined(stages_of(graph, batch))) {
    if (stage.weights > 0) {
      accountant.add(stage, Pass::update_forward, update_and_forward_of(stage));
    } else {
      accountant.add(stage, Pass::forward, forward_of(stage));
    }
    if (has_backward(stage)) accountant.add(stage, Pass::backward, backward_of(stage));
  }
  return accountant.take_rows();
}

double total_ms(const std::vector<FloorRow>& rows) {
  double sum = 0;
  for (const FloorRow& row : rows) sum += row.floor_ms;
  return sum;
}

}  // namespace mien::bench
