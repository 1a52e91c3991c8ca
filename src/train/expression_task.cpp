// To tell labels apart, with or without teachers.
#include <algorithm>
#include <optional>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/data/classes.hpp"
#include "mien/data/loader.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/infer/session.hpp"
#include "mien/train/task.hpp"
#include "mien/train/teachers.hpp"
#include "ops/few_images.hpp"
#include "ops/ops.hpp"
#include "train/kept_answers.hpp"
#include "train/objective.hpp"

namespace mien::train {
namespace {

using autograd::Variable;

void check_fit(const TrainOptions& options, const data::Dataset& dataset, std::size_t classes) {
  const model::ModelSpec& spec = options.spec;
  if (spec.input_shape() != dataset.image_shape()) {
    throw ArgumentError("[train] the model takes " + spec.input_shape().to_string() + " images, the data are " +
                        dataset.image_shape().to_string());
  }
  if (const Index outputs = model::class_count(spec); outputs != static_cast<Index>(classes)) {
    throw ArgumentError("[train] the model gives " + std::to_string(outputs) + " classes, the data have " +
                        std::to_string(classes));
  }
}

image::Normalization learn_normalization(const TrainOptions& options, const data::Dataset& dataset,
                                         const std::vector<std::uint32_t>& rows) {
  if (!options.per_pixel)
    return {.per_image = options.per_image, .scale = options.input_scale, .mean = {}, .inv_std = {}};
  const Index size = dataset.image_size();
  std::vector<std::uint8_t> pixels;
  pixels.reserve(rows.size() * static_cast<std::size_t>(size));
  for (std::uint32_t row : rows) {
    const auto image = dataset.image(static_cast<Index>(row));
    pixels.insert(pixels.end(), image.begin(), image.end());
  }
  return image::fit_per_pixel(options.per_image, options.input_scale, pixels.data(),
                              static_cast<Index>(rows.size()), size);
}

// What is asked once must not depend on what it is asked along with, as answers about few images do; where
// there are fewer, some are asked about again.
constexpr std::size_t kLeastAsked = 8;
static_assert(!ops::is_few(static_cast<Index>(kLeastAsked)));

class ExpressionTask : public Task {
 public:
  ExpressionTask(const TrainOptions& options, const data::Dataset& dataset,
                 std::vector<std::uint32_t> train_rows, std::vector<std::string> labels)
      : options_(options),
        dataset_(dataset),
        labels_(std::move(labels)),
        class_weights_(class_weights(options, dataset, train_rows, labels_.size())),
        normalization_(learn_normalization(options, dataset, train_rows)),
        loader_(dataset, std::move(train_rows), normalization_, options.batch, options.seed,
                options.augmentation, options.distillation.views) {
    if (const auto& files = options.distillation.teachers; !files.empty()) {
      teachers_.emplace(files, dataset.image_shape(), labels_,
                        std::max(options.batch, static_cast<Index>(kLeastAsked)));
      if (options.distillation.views > 0) {
        answers_.emplace(dataset.labels.size(), static_cast<Index>(labels_.size()));
      }
    }
  }

  std::uint64_t steps_per_epoch() const override { return loader_.batches_per_epoch(); }
  const image::Normalization& normalization() const override { return normalization_; }
  void set_normalization(const image::Normalization& normalization) override {
    normalization_ = normalization;
    loader_.set_normalization(normalization_);
  }

  Index batch_size() const override { return loader_.size(); }

  Tensor batch(std::uint64_t step, std::uint64_t total_steps, const autograd::BatchShare& share) override {
    const data::Mix mix = data::draw_mix(options_.mix, options_.seed, {.step = step, .total = total_steps},
                                         {share.images(), dataset_.channels, dataset_.height, dataset_.width});
    const data::Batch batch = loader_.batch(step, places_of(share, mix));
    targets_ = dataset_.targets.empty()
                   ? data::mixed_targets(mix, batch.labels, static_cast<Index>(labels_.size()))
                   : data::mixed_targets(mix, shares_of(batch.rows));
    taught_ = teachers_ ? share.gather_rows(ask(batch, mix, share)) : Tensor();
    return share.own_rows(data::mixed(mix, batch.images));
  }

  BatchCost cost(std::span<const Variable> outputs) override {
    const Variable& logits = outputs[0];
    const Variable loss = objective(options_, logits, targets_, class_weights_, taught_);
    const Index images = targets_.dim(0);
    const bool summed = options_.loss.reduction == autograd::CrossEntropyOptions::Reduction::sum;
    const double value{loss.value().data()[0]};
    return {.loss = loss,
            .mean_loss = value / (summed ? static_cast<double>(images) : 1.0),
            .images = images,
            .correct = count_correct(logits.value(), targets_),
            .asked = images};
  }

  void describe(model::ModelFile& model) const override {
    model.labels = labels_;
    model.whole_pictures = !data::are_expressions(labels_);
    model.normalization = normalization_;
  }
  Tensor sample_output(std::span<const Variable> outputs) const override {
    return autograd::softmax(outputs[0]).value();
  }

  // By what will predict with these weights, so that the figures are of the same bits.
  Measurement measure(const model::ModelFile& model, std::span<const std::uint32_t> rows,
                      bool finite_only) override {
    infer::Session session(model, eval::kEvaluationBatch);
    const auto classify = [&](float* probabilities, const float* x, Index n) {
      session.logits(probabilities, x, n);
      if (finite_only && !ops::all_finite(probabilities, n * session.class_count())) {
        throw NotFinite{Tensor::from({n, dataset_.channels, dataset_.height, dataset_.width},
                                     {x, static_cast<std::size_t>(n * dataset_.image_size())})};
      }
      ops::softmax(probabilities, probabilities, n, session.class_count());
    };
    auto evaluation = std::make_shared<const eval::Evaluation>(
        eval::evaluate(dataset_, rows, normalization_, labels_, classify));
    return {.loss = evaluation->loss, .accuracy = evaluation->confusion.accuracy(), .details = evaluation};
  }

 private:
  // What a share of a batch is made of: its images, and what they are mixed with. None: all there are.
  static std::vector<std::uint32_t> places_of(const autograd::BatchShare& share, const data::Mix& mix) {
    if (share.count() == share.images()) return {};
    std::vector<std::uint32_t> places;
    for (Index i = share.first(); i < share.first() + share.count(); ++i) {
      places.push_back(static_cast<std::uint32_t>(i));
      if (mix.mixes()) places.push_back(mix.partner[static_cast<std::size_t>(i)]);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
  }

  Tensor ask(const data::Batch& batch, const data::Mix& mix, const autograd::BatchShare& share) {
    const auto first = static_cast<std::size_t>(share.first()), count = static_cast<std::size_t>(share.count());
    if (!answers_) {
      return teachers_->probabilities(batch.pixels, mix, options_.distillation.temperature, {first, count});
    }
    const std::span<const std::uint32_t> rows = std::span(batch.rows).subspan(first, count);
    std::vector<std::size_t> unknown = answers_->unknown(batch.view, rows);
    for (std::size_t& place : unknown) place += first;
    if (!unknown.empty()) ask_about(batch, unknown);
    return answers_->find(batch.view, rows);
  }

  // What people voted for, of these rows.
  Tensor shares_of(std::span<const std::uint32_t> rows) const {
    const std::size_t classes = labels_.size();
    Tensor shares = Tensor::uninitialized({static_cast<Index>(rows.size()), static_cast<Index>(classes)});
    float* to = shares.mutable_data();
    for (const std::uint32_t row : rows) to = std::copy_n(dataset_.targets.data() + row * classes, classes, to);
    return shares;
  }

  void ask_about(const data::Batch& batch, const std::vector<std::size_t>& places) {
    const auto size = static_cast<std::size_t>(dataset_.image_size());
    std::vector<std::uint8_t> pixels;
    for (std::size_t i = 0; i < std::max(places.size(), kLeastAsked); ++i) {
      const std::uint8_t* image = batch.pixels.data() + places[i % places.size()] * size;
      pixels.insert(pixels.end(), image, image + size);
    }
    const Tensor answers = teachers_->probabilities(pixels, {}, options_.distillation.temperature);
    for (std::size_t i = 0; i < places.size(); ++i) {
      answers_->keep(batch.view, batch.rows[places[i]],
                     answers.data() + static_cast<Index>(i) * answers.dim(1));
    }
  }

  TrainOptions options_;
  const data::Dataset& dataset_;
  std::vector<std::string> labels_;
  std::vector<float> class_weights_;  // none: all rows weigh the same
  image::Normalization normalization_;
  data::Loader loader_;
  std::optional<Teachers> teachers_;
  std::optional<KeptAnswers> answers_;
  Tensor targets_, taught_;  // of the last batch
};

}  // namespace

std::unique_ptr<Task> expression_task(const TrainOptions& options, const data::Dataset& dataset,
                                      std::vector<std::uint32_t> train_rows, std::vector<std::string> labels) {
  check_fit(options, dataset, labels.size());
  check_objective(options);
  return std::make_unique<ExpressionTask>(options, dataset, std::move(train_rows), std::move(labels));
}

}  // namespace mien::train
