// One module for each kind of layer in model/spec.hpp. Parameters start at zero (batch normalization at
// the identity): see nn/initialize.hpp.
#pragma once

#include <optional>

#include "mien/model/spec.hpp"
#include "mien/nn/module.hpp"

namespace mien::nn {

class Conv2d : public Module {
 public:
  Conv2d(std::string name, Index in_channels, const model::ConvSpec& options);
  autograd::Variable forward(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode) override;
  std::vector<autograd::Parameter*> parameters() override;
  /// A ReLU, and then a max-pooling.
  bool absorb(const model::LayerSpec& next) override;

 private:
  bool relu_follows_ = false;
  std::optional<model::MaxPoolSpec> max_pool_follows_;
  model::ConvSpec options_;
  autograd::Parameter weight_;
  autograd::Parameter bias_;
};

class Dense : public Module {
 public:
  Dense(std::string name, Index in, const model::DenseSpec& options);
  autograd::Variable forward(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode) override;
  std::vector<autograd::Parameter*> parameters() override;

 private:
  model::DenseSpec options_;
  autograd::Parameter weight_;
  autograd::Parameter bias_;
};

class BatchNorm : public Module {
 public:
  BatchNorm(std::string name, Index channels, const model::BatchNormSpec& options);
  /// In training mode also moves the running statistics: mean, and variance with n-1 (as PyTorch).
  autograd::Variable forward(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode) override;
  std::vector<autograd::Parameter*> parameters() override;
  /// A ReLU.
  bool absorb(const model::LayerSpec& next) override;

 private:
  bool relu_follows_ = false;
  model::BatchNormSpec options_;
  autograd::Parameter gamma_, beta_, running_mean_, running_variance_;
};

class Dropout : public Module {
 public:
  /// `stream` tells the dropout layers of one network apart.
  Dropout(std::string name, const model::DropoutSpec& options, std::uint32_t stream);
  autograd::Variable forward(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode) override;

 private:
  model::DropoutSpec options_;
  std::uint32_t stream_;
};

/// Any layer without parameters or randomness: pooling, normalization over channels, relu, flatten.
class Stateless : public Module {
 public:
  Stateless(std::string name, model::LayerSpec spec);
  autograd::Variable forward(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode) override;

 private:
  model::LayerSpec spec_;
};

/// The network a spec describes, parameters not yet initialized.
Sequential build(const model::ModelSpec& spec);

}  // namespace mien::nn
