// What turns gradients into new weights.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mien/autograd/tape.hpp"
#include "mien/optim/moment.hpp"

namespace mien::ops {
class ProductPanels;
}

namespace mien::optim {

/// Base of the optimizers. Its state is keyed by parameter name, so a checkpoint can be read by a
/// network built anew; constructors throw ArgumentError where two parameters share a name. Weight decay applies
/// to weight matrices and filters (two axes and more), not to biases and normalization parameters.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Updates every trainable parameter that has a gradient and clears the gradients. Gradients that are
  /// products are formed a panel at a time, never whole. The caller checks that gradients are finite.
  void step(float learning_rate);
  /// Empties the gradients of all parameters.
  void clear_gradients();

  /// "adam", "sgd": first part of the names in state().
  virtual std::string kind() const = 0;
  std::uint64_t steps() const { return steps_; }
  /// Moments and the like under names such as "adam.m.conv1.weight"; they are the optimizer's own.
  std::vector<std::pair<std::string, const Moment*>> moments() const;
  /// Those of one parameter, to be changed.
  std::vector<Moment*> moments_of(const autograd::Parameter& parameter);
  /// The same as f32; where they are kept so they share storage with the optimizer.
  std::vector<std::pair<std::string, Tensor>> state() const;
  /// For resuming: the number of steps, and the values of one of state(). Throws ArgumentError for another name
  /// or shape.
  void set_steps(std::uint64_t steps) { steps_ = steps; }
  /// Sets the values of the state called `name`.
  void set_state(const std::string& name, const Tensor& values);

 protected:
  /// A parameter and what the optimizer keeps for it.
  struct Slot {
    autograd::Parameter* parameter;
    std::vector<Moment> state;  ///< one a name
    bool decays;
    Index first = 0;  ///< of the values that this rank learns (autograd::own_values)
  };

  /// `matrices` is how the states of parameters with two axes are kept; all others are f32.
  Optimizer(const std::vector<autograd::Parameter*>& parameters, std::vector<std::string> state_names,
            Precision matrices = Precision::f32);
  /// Called before the parameters of a step are updated; `step` counts from 1.
  virtual void begin_step(std::uint64_t step, float learning_rate) = 0;
  /// Elements [offset, offset + size) of one parameter; gradient points at the first of them.
  virtual void update_chunk(Slot& slot, Index offset, Index size, const float* gradient) = 0;
  /// Rows [begin, end) of those that this rank learns of a matrix whose gradient is a product; unless
  /// overridden, by update_chunk.
  virtual void update_rows(Slot& slot, const ops::ProductPanels& gradient, Index begin, Index end);

 private:
  void update(Slot& slot);
  std::string state_name(const Slot& slot, std::size_t i) const;
  std::vector<std::string> state_names_;
  std::vector<Slot> slots_;
  std::uint64_t steps_ = 0;
};

}  // namespace mien::optim
