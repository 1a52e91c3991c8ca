// To find faces: canvases made of photos to learn from, whole photos to be measured on.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "mien/autograd/face_loss.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/data/epoch_order.hpp"
#include "mien/data/face_canvas.hpp"
#include "mien/data/loader.hpp"
#include "mien/eval/detection.hpp"
#include "mien/face/network_detector.hpp"
#include "mien/infer/session.hpp"
#include "mien/nn/network.hpp"
#include "mien/train/task.hpp"
#include "ops/ops.hpp"
#include "train/face_targets.hpp"

namespace mien::train {
namespace {

using autograd::Tape;
using autograd::Variable;
using data::FaceCanvas;
using data::FacePhoto;

// Photos without faces are the fewer, and what is no face has more looks than what is one.
constexpr int kShownWithout = 2;
// Canvases of the rows that are measured, always the same ones.
constexpr Index kMeasuredCanvases = 256, kMeasuredFaces = 4096, kMeasuredAtOnce = 16;
// Of the face's edge, the mean over its points, which are right then.
constexpr double kNear = 0.04;

// Of cells about which something is asked, how many are right.
class Share {
 public:
  void add(const Tensor& score, const Tensor& points, const autograd::FaceTargets& targets,
           const model::FaceGrid& grid) {
    const Index cells = targets.score.size() / targets.score.dim(0);
    for (Index i = 0; i < targets.score.size(); ++i) {
      const float wanted = targets.score.data()[i];
      if (wanted < 0) continue;
      ++asked_;
      const bool face = score.data()[i] > 0;
      if (face == (wanted == 1) && (!face || near(points, targets, grid, i / cells, i % cells, cells)))
        ++right_;
    }
  }
  double share() const { return asked_ == 0 ? 0 : static_cast<double>(right_) / static_cast<double>(asked_); }

 private:
  // By eyes and nose, which are marked everywhere.
  static bool near(const Tensor& points, const autograd::FaceTargets& targets, const model::FaceGrid& grid,
                   Index image, Index cell, Index cells) {
    constexpr Index kEyesAndNose = 3;
    double sum = 0, edge = 0;
    int marked = 0;
    for (Index i = 0; i < kEyesAndNose; ++i) {
      double squares = 0;
      for (Index axis = 0; axis < 2; ++axis) {
        const Index at = (image * 10 + 2 * i + axis) * cells + cell;
        const double off = double{points.data()[at]} * double{grid.face} - double{targets.points.data()[at]};
        squares += off * off;
      }
      if (std::isnan(squares)) continue;
      sum += std::sqrt(squares);
      ++marked;
    }
    for (Index i = 0; i < 4; ++i) edge += double{targets.box.data()[(image * 4 + i) * cells + cell]} / 2;
    return marked == 0 || sum / marked <= kNear * edge;
  }

  Index asked_ = 0, right_ = 0;
};

// Each as often as an epoch shows it.
std::vector<std::uint32_t> rows_of_epoch(const data::FacePhotos& photos, std::span<const std::uint32_t> rows) {
  std::vector<std::uint32_t> result;
  for (const std::uint32_t row : rows) {
    const int times = photos.photos[row].faces.empty() ? kShownWithout : 1;
    result.insert(result.end(), static_cast<std::size_t>(times), row);
  }
  return result;
}

class FaceTask : public Task {
 public:
  FaceTask(const TrainOptions& options, const data::FacePhotos& photos,
           std::span<const std::uint32_t> train_rows)
      : options_(options),
        photos_(photos),
        grid_(options.face_grid),
        canvas_(canvas_options(options)),
        photos_of_canvas_(slides(options) ? data::kCanvasPhotos : 1),
        normalization_{.per_image = options.per_image, .scale = options.input_scale, .mean = {}, .inv_std = {}},
        order_(rows_of_epoch(photos, train_rows), options.seed) {}

  std::uint64_t steps_per_epoch() const override {
    return data::batches_per_epoch(order_.size() / photos_of_canvas_, options_.batch);
  }
  const image::Normalization& normalization() const override { return normalization_; }
  void set_normalization(const image::Normalization& normalization) override { normalization_ = normalization; }

  Index batch_size() const override { return options_.batch; }

  Tensor batch(std::uint64_t step, std::uint64_t, const autograd::BatchShare& share) override {
    const std::uint64_t first = step % steps_per_epoch() * static_cast<std::uint64_t>(options_.batch);
    const std::vector<FaceCanvas> shown =
        canvases(order_.of(step / steps_per_epoch()), first, options_.batch, options_.seed,
                 step * static_cast<std::uint64_t>(options_.batch));
    targets_ = face_targets(shown, grid_);
    return share.own_rows(images_of(shown));
  }

  BatchCost cost(std::span<const Variable> outputs) override {
    const Variable loss = autograd::face_loss(outputs[0], outputs[1], outputs[2], targets_, grid_);
    BatchCost cost{.loss = loss, .mean_loss = double{loss.value().data()[0]}, .images = targets_.score.dim(0)};
    for (Index i = 0; i < targets_.score.size(); ++i) {
      if (targets_.score.data()[i] != 1) continue;
      ++cost.asked;
      if (outputs[0].value().data()[i] > 0) ++cost.correct;
    }
    return cost;
  }

  void describe(model::ModelFile& model) const override {
    model.normalization = normalization_;
    model.face_grid = grid_;
  }
  Tensor sample_output(std::span<const Variable> outputs) const override {
    std::vector<float> all;
    for (const Variable& output : outputs) {
      all.insert(all.end(), output.value().values().begin(), output.value().values().end());
    }
    return Tensor::from({1, static_cast<Index>(all.size())}, all);
  }

  Measurement measure(const model::ModelFile& model, std::span<const std::uint32_t> rows,
                      bool finite_only) override {
    if (rows.empty()) return {};
    Measurement result = measure_canvases(model, rows, finite_only);
    if (!slides(options_)) return result;
    result.accuracy = 0;
    try {
      face::NetworkDetector detector(model);
      result.accuracy = eval::measure_detector(photos_, rows, detector).average_precision;
    } catch (const DataError& error) {  // outputs that are not finite
      if (finite_only) throw DivergedError(std::string("[train] in the evaluation ") + error.what());
    }
    return result;
  }

 private:
  std::vector<FaceCanvas> canvases(std::span<const std::uint32_t> rows, std::uint64_t first, Index count,
                                   std::uint64_t seed, std::uint64_t place) const {
    std::vector<FaceCanvas> result(static_cast<std::size_t>(count));
    parallel_for(count, [&](Index i) {
      std::array<const FacePhoto*, data::kCanvasPhotos> of;
      for (std::size_t k = 0; k < photos_of_canvas_; ++k) {
        const std::uint64_t at = (first + static_cast<std::uint64_t>(i)) * photos_of_canvas_ + k;
        of[k] = &photos_.photos[rows[static_cast<std::size_t>(at % rows.size())]];
      }
      result[static_cast<std::size_t>(i)] = data::make_canvas(
          std::span(of).first(photos_of_canvas_), canvas_,
          RandomStream(seed, RandomPurpose::augmentation, place + static_cast<std::uint64_t>(i)));
    });
    return result;
  }

  Tensor images_of(const std::vector<FaceCanvas>& canvases) const {
    const auto n = static_cast<Index>(canvases.size());
    Tensor images = Tensor::uninitialized({n, 1, canvas_.edge, canvas_.edge});
    float* const to = images.mutable_data();
    const Index size = canvas_.edge * canvas_.edge;
    parallel_for(n, [&](Index i) {
      image::normalize(to + i * size, canvases[static_cast<std::size_t>(i)].pixels.data(), size,
                       normalization_);
    });
    return images;
  }

  // Accuracy is the share of cells that are right: no face where none is, and points near where one is.
  Measurement measure_canvases(const model::ModelFile& model, std::span<const std::uint32_t> rows,
                               bool finite_only) const {
    infer::Session session(model, kMeasuredAtOnce);
    session.set_input_size(canvas_.edge, canvas_.edge);
    std::vector<Tensor> outputs;
    std::vector<float*> to;
    for (const Shape& shape : session.output_shapes()) {
      outputs.push_back(Tensor::uninitialized({kMeasuredAtOnce, shape[0], shape[1], shape[2]}));
      to.push_back(outputs.back().mutable_data());
    }
    Measurement result;
    Share right;
    const Index measured = slides(options_) ? kMeasuredCanvases : kMeasuredFaces;
    for (Index i = 0; i < measured; i += kMeasuredAtOnce) {
      const auto place = static_cast<std::uint64_t>(i);
      const std::vector<FaceCanvas> shown = canvases(rows, place, kMeasuredAtOnce, 0, place);
      const autograd::FaceTargets targets = face_targets(shown, grid_);
      const Tensor images = images_of(shown);
      session.outputs(to, images.data(), kMeasuredAtOnce);
      for (const Tensor& output : outputs) {
        if (finite_only && !ops::all_finite(output.data(), output.size())) throw NotFinite{images};
      }
      Tape tape(Tape::Recording::off);
      const Variable loss = autograd::face_loss(tape.constant(outputs[0]), tape.constant(outputs[1]),
                                                tape.constant(outputs[2]), targets, grid_);
      result.loss += double{loss.value().data()[0]} * double{kMeasuredAtOnce} / static_cast<double>(measured);
      right.add(outputs[0], outputs[2], targets, grid_);
    }
    result.accuracy = right.share();
    return result;
  }

  TrainOptions options_;
  const data::FacePhotos& photos_;
  model::FaceGrid grid_;
  data::CanvasOptions canvas_;
  std::size_t photos_of_canvas_;
  image::Normalization normalization_;
  data::EpochOrder order_;
  autograd::FaceTargets targets_;  // of the last batch
};

// What a task that is not about labels cannot carry out.
void check_options(const TrainOptions& o) {
  const auto refuse = [](const std::string& what) { throw ArgumentError("[face task] " + what); };
  if (!o.distillation.teachers.empty()) refuse("no teachers: they tell labels apart");
  if (o.mix.mixup != 0 || o.mix.cutmix != 0) refuse("no mixup or cutmix: faces have no labels to be mixed");
  if (o.loss_kind != LossKind::softmax || o.class_weights != ClassWeights::none ||
      o.loss.label_smoothing != 0) {
    refuse("the loss is the one of faces: no l2svm, class weights or label smoothing");
  }
  if (o.per_image != image::PerImage::none || o.per_pixel) {
    refuse("photos are of any size: per_image none and per_pixel off are needed");
  }
  const image::Augmentation& a = o.augmentation;
  if (a.shift != 0 || a.scale != 0 || a.crop != 0) refuse("faces are placed and sized anew each time");
}

// A network that nothing could use is better refused before it has learned.
void check_use(const TrainOptions& options) {
  if (!slides(options)) {
    if (options.spec.height == options.canvas && options.spec.width == options.canvas) return;
    throw ArgumentError("[face task] the network takes " + std::to_string(options.spec.width) + " x " +
                        std::to_string(options.spec.height) + " pixels, a look at one face shows it " +
                        std::to_string(options.canvas) + " x " + std::to_string(options.canvas));
  }
  nn::Network network(options.spec);
  model::ModelFile model;
  model.name = options.model_name;
  model.spec = options.spec;
  model.normalization.scale = options.input_scale;
  model.face_grid = options.face_grid;
  for (const autograd::Parameter* parameter : network.parameters()) {
    model.weights.push_back({parameter->name, parameter->value});
  }
  face::NetworkDetector detector(model);
}

}  // namespace

bool slides(const TrainOptions& options) {
  return options.face_grid.stride < options.canvas;
}

data::CanvasOptions canvas_options(const TrainOptions& o) {
  data::CanvasOptions canvas;
  canvas.edge = o.canvas;
  canvas.least = o.face_grid.least;
  canvas.most = o.face_grid.most;
  canvas.mirror = o.augmentation.mirror;
  canvas.rotate = o.augmentation.rotate;
  canvas.close = 0.25f;
  canvas.cover = o.augmentation.erase;
  canvas.pixels = o.augmentation;
  canvas.pixels.mirror = canvas.pixels.rotate = canvas.pixels.erase = 0;
  return canvas;
}

std::unique_ptr<Task> face_task(const TrainOptions& options, const data::FacePhotos& photos,
                                std::vector<std::uint32_t> train_rows) {
  check_options(options);
  if (const std::string problem = model::problem_of(options.face_grid, options.spec); !problem.empty()) {
    throw ArgumentError("[face task] the network: " + problem);
  }
  check_use(options);
  if (train_rows.empty()) throw ArgumentError("[face task] no photos to learn from");
  return std::make_unique<FaceTask>(options, photos, train_rows);
}

}  // namespace mien::train
