// The moving average of a network's weights, which does better on new images than the weights of any one step
// (Polyak & Juditsky 1992; Tarvainen & Valpola 2017).
#pragma once

#include <cstdint>
#include <vector>

#include "mien/autograd/tape.hpp"
#include "mien/core/tensor.hpp"

namespace mien::optim {

/// average = d * average + (1 - d) * weights, running statistics included, once in kEvery steps with
/// d = decay^kEvery: of an average over a thousand steps nothing is lost by that, and large networks have
/// fewer passes over their weights. Up to step kEvery every step updates. d is no larger than
/// (1 + n) / (10 + n) with n = steps / kEvery, so that the initial weights are soon forgotten.
class WeightAverage {
 public:
  static constexpr std::uint64_t kEvery = 8;

  /// Starts at the parameters' values. Throws ArgumentError for a decay outside (0, 1).
  WeightAverage(const std::vector<autograd::Parameter*>& parameters, float decay);

  /// To be called after step number `steps`, from 1.
  void update(std::uint64_t steps);
  /// Exchanges the parameters' values and the averages; a second call changes them back.
  void swap();

  /// In the order of the parameters.
  std::vector<Tensor>& values() { return values_; }

 private:
  std::vector<autograd::Parameter*> parameters_;
  std::vector<Tensor> values_;
  float decay_;
};

/// Exchanges as long as it lives; does nothing for a null pointer.
class Averaged {
 public:
  explicit Averaged(WeightAverage* average) : average_(average) { swap(); }
  ~Averaged() { swap(); }
  Averaged(const Averaged&) = delete;
  Averaged& operator=(const Averaged&) = delete;

 private:
  void swap() {
    if (average_ != nullptr) average_->swap();
  }
  WeightAverage* average_;
};

}  // namespace mien::optim
