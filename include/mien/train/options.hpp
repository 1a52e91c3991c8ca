// Everything that decides what a training run computes: two runs with equal options, data and
// instruction set give the same weights, bit for bit.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "mien/autograd/ops.hpp"
#include "mien/core/json.hpp"
#include "mien/data/mix.hpp"
#include "mien/image/augment.hpp"
#include "mien/image/preprocess.hpp"
#include "mien/model/face_grid.hpp"
#include "mien/model/spec.hpp"
#include "mien/nn/initialize.hpp"
#include "mien/optim/adam.hpp"
#include "mien/optim/schedule.hpp"
#include "mien/optim/sgd.hpp"

namespace mien::train {

/// AdamW is Adam with decoupled decay.
using OptimizerOptions = std::variant<optim::AdamOptions, optim::SgdOptions>;
/// SGD as fertrain has it, unless told otherwise.
inline constexpr optim::SgdOptions kNesterov{.momentum = 0.9f, .nesterov = true, .weight_decay = 0};

/// What a network learns (mien/train/task.hpp): to tell labels apart, or to find faces in photos.
enum class TaskKind { expressions, faces };

/// autograd::softmax_cross_entropy or autograd::l2_svm_loss.
enum class LossKind { softmax, l2svm };
/// balanced: each class weighs as much as any other, rows of a rare one more than rows of a frequent one.
enum class ClassWeights { none, balanced };

/// A model's file that training begins with or learns from. The hash is of the file: resuming with other
/// teachers would not be resuming.
struct FileIdentity {
  std::string path;
  std::string sha256;
};

/// With teachers the loss is (1 - weight) * loss against labels + weight * distillation_loss.
struct Distillation {
  std::vector<FileIdentity> teachers;
  float weight = 0.7f;  ///< in [0, 1]
  float temperature = 4.0f;
  /// How many views of each image there are (data::ViewCycle); teachers are asked once about each. 0: every
  /// epoch has new ones. With views no images are mixed. Each view keeps 4 bytes a class and row of the
  /// dataset; a run that is resumed asks again.
  std::uint64_t views = 0;
};

/// mien/train/option_rows.hpp says what each may be, and how it is called.
struct TrainOptions {
  TaskKind task = TaskKind::expressions;
  std::string model_name = "paper";
  model::ModelSpec spec;
  nn::Scheme initialization = nn::Scheme::xavier;

  image::PerImage per_image = image::PerImage::norm100;
  float input_scale = 1.0f;
  bool per_pixel = true;  ///< standardize each pixel by the Training rows' statistics

  image::Augmentation augmentation;

  model::FaceGrid face_grid;  ///< of the task faces
  Index canvas = 160;         ///< likewise, pixels of an edge (data/face_canvas.hpp)

  LossKind loss_kind = LossKind::softmax;
  autograd::CrossEntropyOptions loss;  ///< reduction and label smoothing of every kind, form of softmax
  ClassWeights class_weights = ClassWeights::none;
  data::MixOptions mix;  ///< the run is schedule.total_steps long
  Distillation distillation;
  /// Whether a step is refused whose loss or running statistics are not finite or whose gradients are not
  /// usable, and a run ends whose weights or outputs are not finite. Without, the numbers go where they go: to
  /// show that.
  bool guard = true;

  OptimizerOptions optimizer;  ///< of Adam's the seed is the run's
  optim::ScheduleOptions schedule;

  Precision precision = Precision::f32;  ///< of the products of dense layers

  /// Decay of the moving average of the weights (Polyak & Juditsky 1992), which is what is measured and kept;
  /// 0: the weights themselves. See optim::WeightAverage.
  float average = 0.0f;

  Index batch = 50;
  /// Sums over a batch are made of one for each of so many parts of it (autograd::BatchShare), which different
  /// processes may compute; 1: as a whole. Other numbers of parts give other bits, other numbers of processes
  /// not.
  Index parts = 1;
  /// Whether ranks share out the rows of large dense layers' weights (can_shard), which gives other bits, but
  /// the same for any number of ranks.
  bool shard_dense = false;
  std::uint64_t seed = 0;
};

/// Whether ranks may share out the rows of weights of such a shape, of a batch in so many parts: of a dense
/// layer's that are many, and whose sums, which travel, are no more than their rows. Says nothing of how many
/// ranks there are, on which no bit may depend.
bool can_shard(const Shape& weights, Index parts);
/// Whether the options' network has such weights.
bool can_shard(const TrainOptions& options);

/// "paper": the paper's network made trainable. "literal": the paper's printed code to the letter;
/// "literal-stable": the same but for its loss, which is computed from log-softmax. "best": what gives the best
/// accuracy, which is something else for networks with batch normalization (SGD) than for those without
/// (AdamW). "few": for a few hundred or thousand pictures and a thousand steps. "faces" and "points": for
/// face_task, with the networks of these names, which find faces and look at one closely. Throws ArgumentError
/// for anything else.
TrainOptions recipe(const std::string& name, const model::ModelSpec& spec = model::paper_spec());

/// The options as JSON.
Json to_json(const TrainOptions& options);
/// Throws DataError or ArgumentError, naming `where`, for anything to_json does not write.
TrainOptions train_options_from_json(const Json& json, const std::string& where);

/// {"path", "sha256"}.
Json to_json(const FileIdentity& file);
/// The absolute path and the hash. Throws DataError when the file cannot be read.
FileIdentity identify_file(const std::string& path);

/// The optimizer that `options` ask for.
std::unique_ptr<optim::Optimizer> make_optimizer(const TrainOptions& options,
                                                 const std::vector<autograd::Parameter*>& parameters);

}  // namespace mien::train
