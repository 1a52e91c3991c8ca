// Faces whose expressions are known, or pictures of other classes.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "common/class_numbers.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/data/audit.hpp"
#include "mien/data/open.hpp"
#include "mien/data/votes.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/eval/page.hpp"
#include "mien/eval/report.hpp"
#include "mien/infer/session.hpp"
#include "mien/train/resume.hpp"
#include "training_data.hpp"

namespace fertrain {
namespace {

using mien::data::Split;
using mien::train::DataIdentity;
using mien::train::RunFolder;

mien::data::Dataset open(const Arguments& a) {
  if (!a.votes.empty() && std::filesystem::is_directory(a.data)) {
    throw mien::ArgumentError("--labels: its rows are in the order of fer2013.csv, and " + a.data +
                              " is a folder");
  }
  mien::data::Dataset dataset = a.any ? mien::data::open_pictures(a.data, a.classes, a.form)
                                      : mien::data::open_dataset(a.data, a.classes);
  if (!a.votes.empty()) mien::data::apply_votes(dataset, a.votes);
  return dataset;
}

class ExpressionData : public TrainingData {
 public:
  explicit ExpressionData(const Arguments& a)
      : dataset_(open(a)),
        numbers_(a.classes),
        choice_(a.rows),
        any_(a.any),
        votes_(a.votes.empty() ? a.votes : std::filesystem::absolute(a.votes).string()) {
    apps::require_numbered_classes(dataset_, a.classes);
    training_rows_ = mien::train::training_rows(dataset_, a.rows);
    // A run being resumed may have been begun before that was refused.
    mien::train::check_validation(
        dataset_, a.asked.patience.value_or(0),
        a.resume.empty() ? a.options.schedule.kind : mien::optim::ScheduleKind::constant);
  }

  const std::vector<std::uint32_t>& training_rows() const override { return training_rows_; }
  std::vector<std::uint32_t> rows(Split split) const override { return dataset_.indices(split); }
  const std::vector<std::string>& notes() const override { return dataset_.notes; }
  std::string report_on_data() const override {
    std::string text = mien::data::to_text(mien::data::audit(dataset_));
    for (const std::string& note : dataset_.notes) text += mien::printable(note) + "\n";
    return text;
  }
  DataIdentity identity() const override {
    DataIdentity identity = mien::train::identify(dataset_);
    identity.drop_leaks = choice_.drop_leaks;
    identity.classes = numbers_.words();
    identity.any = any_;
    identity.votes = votes_;
    if (any_) {
      identity.form = {.height = dataset_.height, .width = dataset_.width, .channels = dataset_.channels};
    }
    return identity;
  }
  DataIdentity same(const DataIdentity& saved) const override {
    return mien::train::same_data(saved, dataset_);
  }
  std::vector<std::string> classes() const override { return dataset_.classes; }
  void fit_network(mien::train::TrainOptions& options) const override;
  std::unique_ptr<mien::train::Task> task(const mien::train::TrainOptions& options) const override {
    return mien::train::expression_task(options, dataset_, training_rows_, dataset_.classes);
  }
  void write_samples(RunFolder& folder) const override {
    folder.write_samples(dataset_, rows(Split::training), dataset_.classes);
  }
  std::vector<Measured> measure(const mien::model::ModelFile& model, RunFolder& folder, Progress& progress,
                                const std::string& kept) const override;
  std::string mistakes(const mien::eval::Evaluation& evaluation, Split split) const override {
    return mien::eval::mistakes_html(evaluation, dataset_, rows(split));
  }

 private:
  mien::data::Dataset dataset_;
  mien::data::ClassNumbers numbers_;
  mien::train::RowChoice choice_;
  bool any_;
  std::string votes_;
  std::vector<std::uint32_t> training_rows_;
};

void ExpressionData::fit_network(mien::train::TrainOptions& options) const {
  try {
    options.spec = mien::model::fitted(options.spec, dataset_.image_shape(),
                                       static_cast<mien::Index>(dataset_.classes.size()));
  } catch (const mien::ArgumentError& error) {
    throw mien::ArgumentError("--model " + options.model_name + " does not take images of " +
                              dataset_.image_shape().to_string() + " (" + error.what() +
                              "); a larger --size, or a spec of your own may");
  }
}

std::vector<Measured> ExpressionData::measure(const mien::model::ModelFile& model, RunFolder& folder,
                                              Progress& progress, const std::string& kept) const {
  std::vector<Measured> result;
  mien::infer::Session session(model, mien::eval::kEvaluationBatch);
  for (const Split split : {Split::public_test, Split::private_test}) {
    const std::vector<std::uint32_t> measured = rows(split);
    if (measured.empty()) continue;
    const std::string name(mien::data::split_name(split));
    progress.doing("measuring " + name);
    const auto classify = [&](float* p, const float* x, mien::Index n) {
      session.predict(p, x, n);
      const bool finite =
          std::all_of(p, p + n * session.class_count(), [](float v) { return std::isfinite(v); });
      if (!finite)
        throw mien::DivergedError("[train] " + kept + " gives outputs of " + name + " that are not finite");
    };
    mien::eval::Evaluation e =
        mien::eval::evaluate(dataset_, measured, model.normalization, model.labels, classify);
    e.without_copies = mien::eval::without_copies(dataset_, measured, e);
    progress.clear_line();
    folder.write_evaluation(e, name, "best.safetensors", split == Split::private_test ? "-private" : "");
    say(folder, mien::eval::summary(e, name) + ", " + kept);
    result.push_back({split, std::move(e)});
  }
  return result;
}

}  // namespace

std::unique_ptr<TrainingData> expression_data(const Arguments& a) {
  return std::make_unique<ExpressionData>(a);
}

}  // namespace fertrain
