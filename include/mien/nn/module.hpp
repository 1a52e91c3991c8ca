// Layers with parameters, and networks made of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mien/autograd/tape.hpp"
#include "mien/model/spec.hpp"

namespace mien::nn {

/// Whether a network is being trained or used. An argument of every forward pass, so it cannot be
/// forgotten in a wrong state. The random choices of a training pass (dropout) follow from (seed, step)
/// alone, so a resumed run makes the same ones.
class Mode {
 public:
  static Mode eval() { return {}; }
  /// `precision` is how dense layers multiply while training; eval() is always f32.
  static Mode train(std::uint64_t seed, std::uint64_t step, Precision precision = Precision::f32) {
    Mode mode;
    mode.precision_ = precision;
    mode.training_ = true;
    mode.seed_ = seed;
    mode.step_ = step;
    return mode;
  }
  bool training() const { return training_; }
  std::uint64_t seed() const { return seed_; }
  std::uint64_t step() const { return step_; }
  Precision precision() const { return precision_; }

 private:
  bool training_ = false;
  std::uint64_t seed_ = 0;
  std::uint64_t step_ = 0;
  Precision precision_ = Precision::f32;
};

class Module {
 public:
  virtual ~Module() = default;
  virtual autograd::Variable forward(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode) = 0;
  /// Every tensor that makes up the module's state, the ones that are not trained included; pointers
  /// stay valid as long as the module.
  virtual std::vector<autograd::Parameter*> parameters() { return {}; }
  /// Makes this module compute the layer behind it, too, where that saves a pass over its output; false where
  /// it cannot.
  virtual bool absorb(const model::LayerSpec&) { return false; }
  /// "conv1"; what error messages call this module.
  const std::string& name() const { return name_; }

 protected:
  explicit Module(std::string name) : name_(std::move(name)) {}

 private:
  std::string name_;
};

/// Modules one after the other.
class Sequential : public Module {
 public:
  Sequential() : Module("sequential") {}
  void add(std::unique_ptr<Module> module) { modules_.push_back(std::move(module)); }
  autograd::Variable forward(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode) override;
  std::vector<autograd::Parameter*> parameters() override;
  const std::vector<std::unique_ptr<Module>>& modules() const { return modules_; }

 private:
  std::vector<std::unique_ptr<Module>> modules_;
};

}  // namespace mien::nn
