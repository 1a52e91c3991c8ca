// Runs a trained network. No training code behind it, and no allocation in predict once it is warm.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "mien/model/model_file.hpp"

namespace mien::infer {

/// One network with its buffers, for one thread at a time; the work inside spreads over the worker
/// threads (core/parallel.hpp).
class Session {
 public:
  /// `max_batch` inputs are computed at once. The model's weights are shared, not copied (but for those that
  /// batch normalization goes into, and int8 or bf16 weights in the form that batches of more than four compute
  /// with, once there has been one): they must stay as they are. Runs the model's sample, if it has one, and
  /// throws DataError when the output is not the expected one to 1e-3. Throws ArgumentError for max_batch < 1
  /// and for a temperature that is none.
  explicit Session(const model::ModelFile& model, Index max_batch = 1);
  /// The same network for another thread: weights are shared, buffers are its own.
  Session(const Session& other);
  Session& operator=(const Session& other);
  Session(Session&& other) noexcept;
  Session& operator=(Session&& other) noexcept;
  ~Session();

  /// x holds n prepared inputs [n][C][H][W]; writes n rows of class_count() probabilities, each row
  /// summing to 1: softmax(logits / temperature). Throws ArgumentError for a network that does not have one
  /// output of one value a class, as logits() does.
  void predict(float* probabilities, const float* x, Index n);
  /// The last layer's outputs, before temperature and softmax.
  void logits(float* out, const float* x, Index n);
  /// What a model's file is to hold as the sample's output: for `input`, the probabilities, or all outputs one
  /// behind the other of a network that does not have one output of one value a class. [1][values]
  Tensor sample_output(const Tensor& input);
  /// For any network: writes n values of each output, in the spec's order, to out[0], out[1], ... Throws
  /// ArgumentError when there are not as many pointers as outputs.
  void outputs(std::span<float* const> out, const float* x, Index n);

  /// Inputs of another height and width than the spec's from now on, for networks that slide over pictures:
  /// weights stay as they are, and buffers only grow. What follows from a size is kept for the last few. Throws
  /// ArgumentError, and changes nothing, when a layer's weights fit one size only (such as those of dense
  /// layers), when the model's normalization does, and for a size that plan() refuses.
  void set_input_size(Index height, Index width);

  /// 0 for a network that does not have one output of one value a class.
  Index class_count() const;
  /// Values of one input, of the size at hand.
  Index input_size() const;
  /// Of one sample: {C, H, W} or {F}.
  const std::vector<Shape>& output_shapes() const;
  /// Bytes of the buffers between layers.
  std::size_t buffer_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mien::infer
