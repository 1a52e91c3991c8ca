#include "calls.hpp"

#include <algorithm>
#include <string_view>

#include "mien/core/error.hpp"
#include "ops/kernels_in_use.hpp"
#include "workload.hpp"

namespace mien::bench {
namespace {

struct Operation {
  std::string_view name;
  std::string_view kind;  // of node, as in its name
  Pass pass;
  bool pools = false;  // whether it does the work of the max-pooling behind it, too
};

constexpr Operation kOperations[] = {
    {"conv2d_forward", "conv", Pass::forward},
    {"conv2d_backward", "conv", Pass::backward},
    {"conv2d_max_pool_forward", "conv", Pass::forward, true},
    {"conv2d_max_pool_backward", "conv", Pass::backward, true},
    {"max_pool2d_forward", "maxpool", Pass::forward},
    {"max_pool2d_backward", "maxpool", Pass::backward},
    {"avg_pool2d_forward", "avgpool", Pass::forward},
    {"avg_pool2d_backward", "avgpool", Pass::backward},
    {"global_avg_pool_forward", "globalpool", Pass::forward},
    {"global_avg_pool_backward", "globalpool", Pass::backward},
    {"lrn_forward", "lrn", Pass::forward},
    {"lrn_backward", "lrn", Pass::backward},
    {"batch_norm_statistics", "batchnorm", Pass::forward},
    {"batch_norm_apply", "batchnorm", Pass::forward},
    {"batch_norm_backward", "batchnorm", Pass::backward},
    {"relu_forward", "relu", Pass::forward},
    {"relu_backward", "relu", Pass::backward},
    {"dense_forward", "dense", Pass::forward},
    {"dense_backward_input", "dense", Pass::backward},
    {"product_update", "dense", Pass::update},
};

std::string_view kind_of(const model::Node& node) {
  return std::string_view(node.name).substr(0, node.name.find_first_of("0123456789"));
}

bool works_for(const Operation& operation, const model::Node& node) {
  return kind_of(node) == operation.kind && (node.then<model::MaxPoolSpec>() != nullptr) == operation.pools;
}

void assign(const Operation& operation, std::vector<Call>& calls, const model::Graph& graph) {
  std::vector<std::string> names;
  for (const model::Node& node : graph.nodes) {
    if (works_for(operation, node)) names.push_back(node.name);
  }
  std::vector<Call*> found;
  for (Call& call : calls) {
    if (call.name == operation.name) found.push_back(&call);
  }
  if (operation.pass == Pass::backward) {
    std::reverse(names.begin(), names.end());
    // The network's first layer may compute no gradient.
    if (!names.empty() && found.size() + 1 == names.size() && names.back() == graph.nodes.front().name) {
      names.pop_back();
    }
  }
  if (found.size() != names.size()) return;
  for (std::size_t i = 0; i < found.size(); ++i) {
    found[i]->layer = names[i];
    found[i]->pass = operation.pass;
  }
}

// The calls of all steps, which make the same ones each time.
class Recorder {
 public:
  Recorder() {
    ops::observe_calls([this](const ops::TimedCall& call) { record(call); });
  }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder() { ops::observe_calls({}); }

  void start_step() {
    at_ = 0;
    ++steps_;
  }
  std::vector<Call> medians() {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      same_ = same_ && times_[i].size() == steps_;
      calls_[i].median_ms = median(times_[i]);
    }
    if (!same_) throw Error("[roofline] the steps do not make the same calls");
    return calls_;
  }

 private:
  void record(const ops::TimedCall& call) {
    if (at_ == calls_.size()) {
      Call& added = calls_.emplace_back();
      added.name = call.name;
      added.extents.assign(call.extents.begin(), call.extents.end());
      times_.emplace_back();
    }
    same_ = same_ && calls_[at_].name == call.name;
    times_[at_++].push_back(call.ms);
  }

  std::vector<Call> calls_;
  std::vector<std::vector<double>> times_;  // of each call
  std::size_t at_ = 0;
  std::size_t steps_ = 0;
  bool same_ = true;
};

}  // namespace

void assign_layers(std::vector<Call>& calls, const model::Graph& graph) {
  for (const Operation& operation : kOperations) assign(operation, calls, graph);
}

MeasuredStep measure_step(const Options& options) {
  const data::Dataset dataset = random_images(find_spec(options.model), options.batch);
  train::Trainer trainer = make_trainer(options, dataset);
  for (int i = 0; i < kWarmUpSteps; ++i) (void)trainer.step();
  Recorder recorder;
  MeasuredStep step;
  step.timing = measure(options.runs, 0, [&] {
    recorder.start_step();
    (void)trainer.step();
  });
  step.calls = recorder.medians();
  return step;
}

}  // namespace mien::bench
