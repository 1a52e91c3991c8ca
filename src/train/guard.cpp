// What a trainer looks at to tell a run that diverges from one that goes on.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "mien/core/error.hpp"
#include "mien/infer/session.hpp"
#include "mien/train/trainer.hpp"
#include "ops/ops.hpp"

namespace mien::train {
namespace {

using autograd::Parameter;
using autograd::Tape;

bool finite(const Tensor& tensor) {
  return ops::all_finite(tensor.data(), tensor.size());
}

std::string not_finite(const std::string& name) {
  return name + " is NaN or infinite";
}

DivergedError at_step(std::uint64_t step, const std::string& what) {
  return DivergedError("[train] step " + std::to_string(step) + ": " + what);
}

double largest(const Tensor& tensor) {
  double most = 0;
  for (const float value : tensor.values()) most = std::max(most, std::fabs(double{value}));
  return most;
}

std::string reach(const std::string& layer, double most) {
  char number[32];
  std::snprintf(number, sizeof number, "%.3g", most);
  return "the outputs of " + layer + " reach " + number;
}

}  // namespace

DivergedError Trainer::diverged(const std::string& what) const {
  return at_step(steps_done(), what);
}

void Trainer::check_step(const Tensor& images, float loss) {
  const auto error = [&](const std::string& what, const auto& without_place) {
    const nn::Mode mode = nn::Mode::train(options_.seed, steps_done(), options_.precision);
    const std::string place = first_bad_output(images, mode);
    return at_step(steps_done() + 1, what + "; " + (place.empty() ? without_place(mode) : place));
  };
  const auto all_finite = [](const nn::Mode&) -> std::string {
    return "all layers' outputs and the loss are finite";
  };
  if (!std::isfinite(loss)) {
    throw error(std::string("the loss is ") + (std::isnan(loss) ? "NaN" : "infinite"),
                [&](const nn::Mode& mode) {
                  const auto [layer, most] = largest_outputs(images, mode).back();
                  return "all layers' outputs are finite, the loss itself is not; " + reach(layer, most);
                });
  }
  // A variance beyond fp32 leaves no trace in its step's output or loss: what is divided by it is zero. There
  // are few such numbers.
  for (const Parameter* parameter : parameters_) {
    if (!parameter->trainable && !finite(parameter->value)) {
      throw error(not_finite(parameter->name), all_finite);
    }
  }
  // From the loss backwards, so that the layer named is where the trouble began.
  for (auto it = parameters_.rbegin(); it != parameters_.rend(); ++it) {
    if (autograd::has_usable_gradient(**it)) continue;
    static_assert(autograd::Gradient::kLargestNorm == 1e18);
    throw error("the gradient of " + (*it)->name + " is NaN, infinite or beyond 1e18", all_finite);
  }
}

// Computes the forward pass once more and calls look(layer's name, its output) until that returns false. In
// training mode all ranks do, each of its share, until one of them has seen enough.
void Trainer::for_each_output(const Tensor& images, const nn::Mode& mode, const nn::Network::Observer& look) {
  if (!mode.training()) {
    Tape tape(Tape::Recording::off);
    (void)network_.outputs(tape, tape.constant(images), mode, look);
    return;
  }
  Tape tape(*share_, Tape::Recording::off);
  (void)network_.outputs(tape, tape.constant(images), mode, [&](const std::string& name, const Tensor& value) {
    return !ranks_.any(!look(name, value));
  });
}

// Where numbers stop being finite; empty where they do not.
std::string Trainer::first_bad_output(const Tensor& images, const nn::Mode& mode) {
  std::string place;
  std::string last;
  for_each_output(images, mode, [&](const std::string& layer, const Tensor& output) {
    last = layer;
    if (!finite(output)) place = "the first output that is not finite is that of " + layer;
    return place.empty();
  });
  // Of another rank's images.
  if (mode.training() && ranks_.any(!place.empty())) {
    place = "the first output that is not finite is that of " + last;
  }
  return place;
}

std::vector<std::pair<std::string, double>> Trainer::largest_outputs(const Tensor& images,
                                                                     const nn::Mode& mode) {
  std::vector<std::pair<std::string, double>> outputs;
  for_each_output(images, mode, [&](const std::string& layer, const Tensor& output) {
    outputs.emplace_back(layer, largest(output));
    return true;
  });
  for (auto& [layer, most] : outputs) {
    if (!mode.training()) break;
    for (const double theirs : ranks_.gather(most)) most = std::max(most, theirs);
  }
  return outputs;
}

// Of weights that ranks share out the first has all, and tells the others.
std::string Trainer::found_by_first(const std::function<std::string()>& look) {
  if (!shares_rows()) return look();
  collect();
  return ranks_.gather(ranks_.rank() == 0 ? look() : std::string())[0];
}

std::string Trainer::fault(Weights which) {
  return found_by_first([&] { return weights_fault(which); });
}

std::string Trainer::weights_fault(Weights which) {
  const optim::Averaged averaged(which == Weights::kept ? average_.get() : nullptr);
  const bool mean = which == Weights::kept && average_ != nullptr;
  for (const Parameter* parameter : parameters_) {
    if (!finite(parameter->value)) return not_finite((mean ? "the average of " : "") + parameter->name);
  }
  const std::string place = first_bad_output(sample_image(), nn::Mode::eval());
  return place.empty() ? place : "for a sample image " + place;
}

std::string Trainer::state_fault() {
  return found_by_first([&] { return collected_state_fault(); });
}

std::string Trainer::collected_state_fault() {
  for (const auto& [name, moment] : optimizer_->moments()) {
    if (!moment->is_finite()) return not_finite(name);
  }
  const std::string now = weights_fault(Weights::current);
  return now.empty() && average_ != nullptr ? weights_fault(Weights::kept) : now;
}

std::string Trainer::runtime_fault() {
  return found_by_first([&] { return session_fault(); });
}

std::string Trainer::session_fault() {
  try {
    (void)infer::Session(snapshot());
    return {};
  } catch (const DataError&) {  // what it says is about files
  }
  const optim::Averaged averaged(average_.get());
  const auto outputs = largest_outputs(sample_image(), nn::Mode::eval());
  const auto [layer, most] = *std::max_element(
      outputs.begin(), outputs.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return "numbers are so large that rounding decides what comes out; for a sample image " + reach(layer, most);
}

}  // namespace mien::train
