// What the tests against PyTorch share: the formula for weights and inputs that tests/goldens/make_goldens.py
// has, too, its results, and comparisons relative to a tensor's norm.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "mien/autograd/ops.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/safetensors.hpp"
#include "mien/nn/network.hpp"
#include "mien/optim/adam.hpp"
#include "mien/optim/sgd.hpp"
#include "support/catch.hpp"

namespace mien::test {

using autograd::Parameter;

// ---- the formula for weights and inputs, as in make_goldens.py ---------------------------------

inline std::uint32_t hash(std::uint32_t i, std::uint32_t seed) {
  std::uint32_t x = i * 0x9E3779B1u + seed * 0x85EBCA77u;
  x ^= x >> 16;
  x *= 0x7FEB352Du;
  x ^= x >> 15;
  x *= 0x846CA68Bu;
  x ^= x >> 16;
  return x;
}

inline float value_at(Index i, std::uint32_t seed, int exponent) {
  const auto whole = static_cast<int>(hash(static_cast<std::uint32_t>(i), seed) >> 8) - (1 << 23);
  return std::ldexp(static_cast<float>(whole), exponent - 23);
}

inline Tensor values(const Shape& shape, std::uint32_t seed, int exponent) {
  Tensor tensor = Tensor::uninitialized(shape);
  for (Index i = 0; i < tensor.size(); ++i) tensor.mutable_data()[i] = value_at(i, seed, exponent);
  return tensor;
}

inline std::vector<std::uint8_t> labels(std::uint32_t count, std::uint32_t classes, std::uint32_t seed) {
  std::vector<std::uint8_t> result;
  for (std::uint32_t i = 0; i < count; ++i)
    result.push_back(static_cast<std::uint8_t>(hash(i, seed) % classes));
  return result;
}

// ---- comparing ----------------------------------------------------------------------------------

class Goldens {
 public:
  explicit Goldens(const std::string& name)
      : file_(model::SafetensorsFile::open(std::string(MIEN_GOLDENS_FOLDER "/") + name)) {}

  std::vector<double> operator[](const std::string& name) const {
    const model::TensorEntry* entry = file_.find(name);
    INFO(name);
    REQUIRE(entry != nullptr);
    const auto count = static_cast<std::size_t>(entry->shape.size());
    if (entry->dtype == model::DType::f32) return read<float>(entry->bytes, count);
    REQUIRE(entry->dtype == model::DType::f64);
    return read<double>(entry->bytes, count);
  }

 private:
  template <typename T>
  static std::vector<double> read(std::span<const std::byte> bytes, std::size_t count) {
    std::vector<T> result(count);
    std::memcpy(result.data(), bytes.data(), count * sizeof(T));
    return {result.begin(), result.end()};
  }
  model::SafetensorsFile file_;
};

inline std::vector<double> doubles(const Tensor& tensor) {
  return {tensor.values().begin(), tensor.values().end()};
}

inline double norm(const std::vector<double>& x) {
  return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
}

// |a - b| / |b|; 0 when both are zero.
inline double relative_difference(const std::vector<double>& actual, const std::vector<double>& expected) {
  REQUIRE(actual.size() == expected.size());
  std::vector<double> difference(actual.size());
  for (std::size_t i = 0; i < actual.size(); ++i) difference[i] = actual[i] - expected[i];
  const double d = norm(difference);
  return d == 0 ? 0 : d / norm(expected);
}

inline void check_close(const std::string& what, const std::vector<double>& actual,
                        const std::vector<double>& expected, double tolerance) {
  INFO(what);
  REQUIRE(norm(expected) > 0);
  CHECK(relative_difference(actual, expected) <= tolerance);
}

// ---- learning -----------------------------------------------------------------------------------

constexpr std::uint32_t kSteps = 5;

struct Evaluated {
  double loss;
  Tensor logits;
};

inline Evaluated forward_backward(nn::Network& network, const Tensor& x, const std::vector<std::uint8_t>& y,
                                  const autograd::CrossEntropyOptions& options, std::uint64_t step) {
  autograd::Tape tape;
  const autograd::Variable logits = network.forward(tape, tape.constant(x), nn::Mode::train(0, step));
  const autograd::Variable loss = autograd::softmax_cross_entropy(logits, y, options);
  tape.backward(loss);
  return {double{loss.value().data()[0]}, logits.value()};
}

// The trained network as the inference runtime computes it, with batch normalization folded away.
inline Tensor session_logits(const model::ModelSpec& spec, const std::vector<Parameter*>& parameters,
                             const Tensor& x) {
  model::ModelFile model;
  model.spec = spec;
  for (Index i = 0; i < model::class_count(spec); ++i) model.labels.push_back(std::to_string(i));
  for (const Parameter* parameter : parameters) model.weights.push_back({parameter->name, parameter->value});
  infer::Session session(model, 4);  // fewer than there may be images
  Tensor logits({x.dim(0), model::class_count(spec)});
  session.logits(logits.mutable_data(), x.data(), x.dim(0));
  return logits;
}

inline std::unique_ptr<optim::Optimizer> golden_optimizer(const std::string& kind,
                                                          const std::vector<Parameter*>& parameters) {
  if (kind == "sgd") {
    return std::make_unique<optim::Sgd>(
        parameters, optim::SgdOptions{.momentum = 0.9f, .nesterov = true, .weight_decay = 0.1f});
  }
  optim::AdamOptions options;
  options.weight_decay = 0.1f;
  options.decoupled = kind == "adamw";
  return std::make_unique<optim::Adam>(parameters, options);
}

struct Images {
  std::uint32_t batch;
  std::uint32_t seed;  ///< of the first; labels' is 1000 more, that of the images in the end 2000
};

/// Five steps, and the network that comes of them, as the training pass and the runtime compute it. Names of
/// results begin with `prefix`; `fill` sets the first weights.
template <typename Fill>
void check_training(const Goldens& goldens, const std::string& prefix, const model::ModelSpec& spec,
                    const std::string& kind, const Images& images, Fill fill) {
  nn::Network network = nn::build(spec);
  const std::vector<Parameter*> parameters = network.parameters();
  fill(parameters);
  const auto optimizer = golden_optimizer(kind, parameters);
  const Shape shape{Index{images.batch}, spec.channels, spec.height, spec.width};
  const auto classes = static_cast<std::uint32_t>(model::class_count(spec));

  for (std::uint32_t step = 0; step < kSteps; ++step) {
    const std::string at = "." + std::to_string(step);
    const Evaluated e = forward_backward(network, values(shape, images.seed + step, 1),
                                         labels(images.batch, classes, images.seed + 1000 + step),
                                         {.label_smoothing = 0.1f}, step);
    check_close("logits" + at, doubles(e.logits), goldens[prefix + "logits" + at], 1e-5);
    check_close("loss" + at, {e.loss}, goldens[prefix + "loss" + at], 1e-5);
    for (const Parameter* parameter : parameters) {
      if (step > 0 || !parameter->trainable) continue;
      // Batch normalization adds up in single precision.
      check_close("gradient of " + parameter->name, doubles(parameter->gradient.materialize()),
                  goldens[prefix + "gradient." + parameter->name], 2e-5);
    }
    optimizer->step(0.02f);
  }
  for (const Parameter* parameter : parameters) {
    check_close(parameter->name, doubles(parameter->value), goldens[prefix + "after." + parameter->name], 1e-5);
  }

  const Tensor x = values(shape, images.seed + 2000, 1);
  autograd::Tape tape(autograd::Tape::Recording::off);
  const autograd::Variable evaluated = network.forward(tape, tape.constant(x), nn::Mode::eval());
  check_close("evaluated", doubles(evaluated.value()), goldens[prefix + "evaluated"], 1e-5);
  check_close("session", doubles(session_logits(spec, parameters, x)), goldens[prefix + "evaluated"], 1e-5);
}

}  // namespace mien::test
