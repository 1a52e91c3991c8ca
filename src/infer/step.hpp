// One node of a network at work: its weights as predicting needs them, and the operation.
#pragma once

#include <span>
#include <vector>

#include "mien/core/encoded_tensor.hpp"
#include "mien/model/graph.hpp"
#include "mien/model/model_file.hpp"
#include "ops/join.hpp"

namespace mien::infer {

struct Step {
  model::Node node;
  Tensor weight;          ///< batch normalization: the factor of each channel
  Tensor bias;            ///< batch normalization: what is added
  EncodedTensor encoded;  ///< dense layers: the weight, where it is not fp32
  Tensor prepared;        ///< convolutions: the weight as they compute with it, where that is another form
  bool narrow = false;    ///< the file stores the weight in fewer bits
  Tensor for_batches;     ///< such a weight as batches compute with it, once there has been one
  std::vector<ops::ConcatPart> parts;  ///< joins along channels: room for what they join
};

/// Shares the model's weights, but for those that batch normalization behind them goes into. Throws
/// ArgumentError for a weight that is missing.
Step make_step(const model::Node& node, const std::vector<model::Weight>& weights);

/// Computes n values: y from `inputs`, of which one may be y where the node works in place. `argmax` has room
/// for as many values.
void run_step(Step& step, float* y, std::span<const float* const> inputs, std::uint8_t* argmax, Index n);

}  // namespace mien::infer
