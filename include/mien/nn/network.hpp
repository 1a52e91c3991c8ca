// A network that learns: its parameters, and the forward pass on a tape.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mien/autograd/tape.hpp"
#include "mien/core/precision.hpp"
#include "mien/model/graph.hpp"

namespace mien::nn {

/// Whether a network is being trained or used. An argument of every forward pass, so it cannot be
/// forgotten in a wrong state. The random choices of a training pass (dropout) follow from (seed, step)
/// alone, so a resumed run makes the same ones.
class Mode {
 public:
  /// For predicting: no dropout, and running statistics instead of the batch's.
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

/// A network on the tape, with parameters that an optimizer changes.
class Network {
 public:
  Network() = default;
  /// The network a spec describes, fused for learning (model/fuse.hpp). Parameters are at the constants that
  /// their kinds of layers name or zero: see nn/initialize.hpp.
  explicit Network(const model::ModelSpec& spec);

  /// Sees each node's name and value as it is computed, which may lie channels-last (model::Node::layout); the
  /// pass ends when it returns false.
  using Observer = std::function<bool(const std::string& name, const Tensor& value)>;

  /// x [N][C][H][W] through the network. Throws ArgumentError when the network has several outputs, or when
  /// `observe` has ended the pass before there was one. In training mode batch normalization also moves its
  /// running statistics: mean, and variance with n-1 (as PyTorch).
  autograd::Variable forward(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode);
  /// All outputs, in the spec's order; none when `observe` has ended the pass.
  std::vector<autograd::Variable> outputs(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode,
                                          const Observer& observe = {});

  /// Every tensor that makes up the network's state, the ones that are not trained included, in the order of
  /// model::parameters_of. Pointers stay valid as long as the network, also when that is moved.
  std::vector<autograd::Parameter*> parameters();
  const model::Graph& graph() const { return graph_; }

 private:
  model::Graph graph_;
  std::vector<int> last_readers_;
  std::vector<std::vector<autograd::Parameter>> parameters_;  // of each node
};

/// Network(spec).
Network build(const model::ModelSpec& spec);

}  // namespace mien::nn
