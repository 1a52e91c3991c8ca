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
  std::string_view kind;  // of layer, as in its name
  Pass pass;
  std::string_view with_pool = {};  // its name when it does the work of the max-pooling behind it, too
};

constexpr Operation kOperations[] = {
    {"conv2d_forward", "conv", Pass::forward, "conv2d_max_pool_forward"},
    {"conv2d_backward", "conv", Pass::backward, "conv2d_max_pool_backward"},
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

std::string_view kind_of(const model::PlannedLayer& layer) {
  return std::string_view(layer.name).substr(0, layer.name.find_first_of("0123456789"));
}

// The max-pooling layers whose work convolutions do; the layers of those are known by now.
std::vector<std::string> pools_inside(const std::vector<Call>& calls,
                                      const std::vector<model::PlannedLayer>& layers) {
  std::vector<std::string> names;
  for (const Call& call : calls) {
    if (call.name != kOperations[0].with_pool) continue;
    auto layer =
        std::find_if(layers.begin(), layers.end(), [&](const auto& l) { return l.name == call.layer; });
    layer = std::find_if(layer, layers.end(), [](const auto& l) { return kind_of(l) == "maxpool"; });
    if (layer != layers.end()) names.push_back(layer->name);
  }
  return names;
}

void assign(const Operation& operation, std::vector<Call>& calls,
            const std::vector<model::PlannedLayer>& layers) {
  const std::vector<std::string> inside = pools_inside(calls, layers);
  std::vector<std::string> names;
  for (const model::PlannedLayer& layer : layers) {
    const bool alone = std::find(inside.begin(), inside.end(), layer.name) == inside.end();
    if (kind_of(layer) == operation.kind && alone) names.push_back(layer.name);
  }
  std::vector<Call*> found;
  for (Call& call : calls) {
    const bool with_pool = !operation.with_pool.empty() && call.name == operation.with_pool;
    if (call.name == operation.name || with_pool) found.push_back(&call);
  }
  if (operation.pass == Pass::backward) {
    std::reverse(names.begin(), names.end());
    // The network's first layer may compute no gradient.
    if (!names.empty() && found.size() + 1 == names.size() && names.back() == layers.front().name) {
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

void assign_layers(std::vector<Call>& calls, const std::vector<model::PlannedLayer>& layers) {
  for (const Operation& operation : kOperations) assign(operation, calls, layers);
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
