// What a network is to learn: where its images come from, what its answers cost, and how good it is.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mien/autograd/share.hpp"
#include "mien/autograd/tape.hpp"
#include "mien/data/dataset.hpp"
#include "mien/data/face_canvas.hpp"
#include "mien/data/face_photos.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/model/model_file.hpp"
#include "mien/train/options.hpp"

namespace mien::train {

/// The loss of one batch, and how much of it was right.
struct BatchCost {
  autograd::Variable loss;
  double mean_loss = 0;  ///< over what is asked
  Index images = 0;
  Index correct = 0;  ///< of what is asked
  Index asked = 0;    ///< each image for its label, or each cell of a grid with a face in it
};

/// How good a network is.
struct Measurement {
  double loss = 0;
  double accuracy = 0;  ///< 0 .. 1, by which the weights to keep are chosen
  /// Of labels that are told apart; null for other tasks.
  std::shared_ptr<const eval::Evaluation> details = nullptr;
};

/// Thrown by Task::measure: for these prepared images the network gives something that is not finite.
struct NotFinite {
  Tensor images;
};

/// What a network learns: where its batches come from, what they cost, how good it is.
class Task {
 public:
  virtual ~Task() = default;

  /// How many batches go once through the training data.
  virtual std::uint64_t steps_per_epoch() const = 0;
  /// How images are prepared.
  virtual const image::Normalization& normalization() const = 0;
  /// From the next batch on.
  virtual void set_normalization(const image::Normalization& normalization) = 0;

  /// How many images a step takes.
  virtual Index batch_size() const = 0;
  /// The prepared images [N][C][H][W] of training step `step`, counted from 0, of a run of `total_steps`, 0
  /// where that is not known: those that are the share's.
  virtual Tensor batch(std::uint64_t step, std::uint64_t total_steps, const autograd::BatchShare& share) = 0;
  /// The loss of the last batch, all of it, from the network's outputs for it.
  virtual BatchCost cost(std::span<const autograd::Variable> outputs) = 0;

  /// What a model of this task says beside its network and weights: normalization, labels or face grid.
  virtual void describe(model::ModelFile& model) const = 0;
  /// ModelFile::sample_output, from the outputs for its input.
  virtual Tensor sample_output(std::span<const autograd::Variable> outputs) const = 0;
  /// How good a model of this task is on these rows. Throws NotFinite with `finite_only`.
  virtual Measurement measure(const model::ModelFile& model, std::span<const std::uint32_t> rows,
                              bool finite_only) = 0;
};

/// To tell the labels of a dataset's images, which it must outlive, apart. Learns the normalization from
/// `train_rows`; reads the teachers' files. Throws ArgumentError when the spec does not take the images or does
/// not give `labels.size()` classes, and as Teachers does.
std::unique_ptr<Task> expression_task(const TrainOptions& options, const data::Dataset& dataset,
                                      std::vector<std::uint32_t> train_rows, std::vector<std::string> labels);

/// Whether the network of face_task finds faces in pictures, and does not look at one closely.
bool slides(const TrainOptions& options);

/// How face_task makes its canvases. Of the augmentation `erase` is how often a face is partly covered.
data::CanvasOptions canvas_options(const TrainOptions& options);

/// To find the faces in photos, which it must outlive, by canvases of `train_rows` (data/face_canvas.hpp). An
/// epoch shows each photo with faces once and those without twice. Throws ArgumentError when the network is not
/// one for the options' face grid, and for options that are about labels.
std::unique_ptr<Task> face_task(const TrainOptions& options, const data::FacePhotos& photos,
                                std::vector<std::uint32_t> train_rows);

}  // namespace mien::train
