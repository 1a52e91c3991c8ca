// Runs a trained network. No training code behind it, and no allocation in predict once it is warm; but
// convolutions that neither Winograd's nor the direct method fits use Eigen's products, which take buffers.
#pragma once

#include <vector>

#include "mien/model/model_file.hpp"

namespace mien::infer {

/// One network with its buffers, for one thread at a time; the work inside spreads over the worker
/// threads (core/parallel.hpp).
class Session {
 public:
  /// `max_batch` inputs are computed at once. The model's weights are shared, not copied: they must stay as
  /// they are. Runs the model's sample, if it has one, and throws DataError when the output is not the
  /// expected one to 1e-3. Throws ArgumentError for max_batch < 1 and
  /// for a temperature that is none.
  explicit Session(const model::ModelFile& model, Index max_batch = 1);

  /// x holds n prepared inputs [n][C][H][W]; writes n rows of class_count() probabilities, each row
  /// summing to 1: softmax(logits / temperature).
  void predict(float* probabilities, const float* x, Index n);
  /// The last layer's outputs, before temperature and softmax.
  void logits(float* out, const float* x, Index n);

  Index class_count() const { return classes_; }
  /// Values of one input.
  Index input_size() const { return input_size_; }

 private:
  struct Step {
    model::PlannedLayer layer;
    Tensor weight;          ///< batch normalization: the factor of each channel
    Tensor bias;            ///< batch normalization: what is added
    EncodedTensor encoded;  ///< dense layers: the weight, where it is not fp32
    Tensor prepared;        ///< convolutions: the weight as they compute with it, where that is another form
    bool relu = false;      ///< convolutions: negative outputs become zero
  };
  struct Run;
  void add_step(const model::PlannedLayer& layer, const std::vector<model::Weight>& weights);
  /// Puts a layer that needs no pass of its own into the step before it; false when it has to be one.
  bool merge(const model::PlannedLayer& layer, const std::vector<model::Weight>& weights);
  void prepare_filters();
  float* run(const float* x, Index n);
  void check_sample(const model::ModelFile& model);

  std::vector<Step> steps_;
  Index max_batch_;
  Index classes_ = 0;
  Index input_size_ = 0;
  float temperature_ = 1;
  Tensor buffers_[2];
  std::vector<std::uint8_t> argmax_;
};

}  // namespace mien::infer
