#include "measure.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>
#include <span>

#include "common/class_numbers.hpp"
#include "common/exit_codes.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"
#include "mien/data/open.hpp"
#include "mien/eval/calibration.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/eval/report.hpp"
#include "mien/image/resize.hpp"
#include "mien/infer/ensemble.hpp"
#include "model_tasks.hpp"

namespace ferpredict {
namespace {

struct Rows {
  mien::data::Dataset dataset;
  std::vector<std::uint32_t> indices;
  std::string split;

  mien::image::GrayImage image(std::uint32_t row) const {
    const std::span<const std::uint8_t> pixels = dataset.image(static_cast<mien::Index>(row));
    return {dataset.width, dataset.height, {pixels.begin(), pixels.end()}};
  }
};

// Numbers of the data's classes as the model numbers them: files say which is which by name.
std::vector<std::uint8_t> class_numbers(const Arguments& a, const Model& model) {
  const std::vector<std::string>& labels = model.file.labels;
  std::vector<std::uint8_t> numbers;
  for (const std::string_view name : mien::data::kClassNames) {
    const auto found = std::find(labels.begin(), labels.end(), name);
    if (found == labels.end() || labels.size() != mien::data::kClassNames.size()) {
      throw mien::DataError(model.path + ": its classes are " + mien::join(labels, ", ") + ", those of " +
                            a.csv + " are " + mien::join(mien::data::class_names(), ", "));
    }
    numbers.push_back(static_cast<std::uint8_t>(found - labels.begin()));
  }
  return numbers;
}

mien::data::Split split_of(const std::string& name) {
  for (std::size_t i = 0; i < mien::data::kSplitCount; ++i) {
    if (mien::data::kSplitNames[i] == name) return static_cast<mien::data::Split>(i);
  }
  throw mien::ArgumentError("--usage: unknown split " + name);
}

// All rows, or those of the split that is asked for: by --usage, or where nothing is said and the data name
// splits or a temperature is fitted, which rows that were trained on would make too low.
void choose_rows(const Arguments& a, Rows& rows) {
  const mien::data::Dataset& dataset = rows.dataset;
  if (a.usage == kAllRows || (a.usage.empty() && a.calibrate.empty() && !dataset.names_splits)) {
    rows.split = kAllRows;
    rows.indices.resize(dataset.labels.size());
    std::iota(rows.indices.begin(), rows.indices.end(), std::uint32_t{0});
    return;
  }
  const mien::data::Split split = a.usage.empty() ? mien::data::Split::public_test : split_of(a.usage);
  rows.split = std::string(mien::data::split_name(split));
  rows.indices = dataset.indices(split);
}

Rows read_rows(const Arguments& a, const Model& model) {
  Rows rows{.dataset = mien::data::open_dataset(a.csv, a.classes), .indices = {}, .split = {}};
  apps::require_numbered_classes(rows.dataset, a.classes);
  choose_rows(a, rows);
  if (rows.indices.empty()) throw mien::DataError(a.csv + ": no " + rows.split + " rows");
  for (const std::string& note : rows.dataset.notes) apps::print_error(a.csv + ": " + note);
  if (a.usage.empty() && rows.split == kAllRows) {
    apps::print_error(a.csv + ": all rows are measured; --usage PublicTest measures those held out");
  }
  const std::vector<std::uint8_t> numbers = class_numbers(a, model);
  for (std::uint8_t& label : rows.dataset.labels) label = numbers[label];
  return rows;
}

mien::eval::Evaluation evaluate(const Arguments& a, const std::vector<Model>& models, const Rows& rows) {
  // Views count as images: a batch is never larger than what training evaluates with.
  const mien::Index batch =
      std::max<mien::Index>(mien::eval::kEvaluationBatch / mien::image::view_count(a.tta), 1);
  mien::infer::Ensemble ensemble(files_of(models), a.tta, batch);
  const auto classify = [&](float* p, std::span<const std::uint32_t> some) {
    std::vector<mien::image::GrayImage> images;
    for (const std::uint32_t row : some) images.push_back(rows.image(row));
    ensemble.predict(p, images);
    mien::infer::check_finite(a.csv, {p, some.size() * static_cast<std::size_t>(ensemble.class_count())});
  };
  mien::eval::Evaluation result =
      mien::eval::evaluate(rows.dataset, rows.indices, models[0].file.labels, classify);
  result.without_copies = mien::eval::without_copies(rows.dataset, rows.indices, result);
  return result;
}

std::string file_names(const std::vector<Model>& models) {
  std::string names;
  for (const Model& model : models) {
    names += (names.empty() ? "" : " + ") + std::filesystem::path(model.path).filename().string();
  }
  return names;
}

std::string recalls(const mien::eval::Confusion& confusion) {
  std::string line = "recall";
  for (int c = 0; c < confusion.classes(); ++c) {
    const std::optional<double> recall = confusion.recall(c);
    line += (c == 0 ? " " : ", ") + confusion.names()[static_cast<std::size_t>(c)] + " " +
            (recall ? mien::format_fixed(100 * *recall, 1) + " %" : "-");
  }
  return line;
}

// [rows][classes], before temperature and softmax.
std::vector<float> logits_of(const Arguments& a, const mien::model::ModelFile& model, const Rows& rows) {
  mien::infer::Session session(model, mien::eval::kEvaluationBatch);
  const std::size_t size = static_cast<std::size_t>(session.input_size()), classes = model.labels.size();
  constexpr auto kBatch = static_cast<std::size_t>(mien::eval::kEvaluationBatch);
  std::vector<float> x(kBatch * size), logits(rows.indices.size() * classes);
  for (std::size_t begin = 0; begin < rows.indices.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, rows.indices.size() - begin);
    mien::parallel_for(static_cast<mien::Index>(count), [&](mien::Index i) {
      const std::size_t k = static_cast<std::size_t>(i);
      const mien::image::GrayImage crop =
          mien::image::resize(rows.image(rows.indices[begin + k]), model.spec.width, model.spec.height);
      mien::image::normalize(x.data() + k * size, crop.pixels.data(), session.input_size(),
                             model.normalization);
    });
    session.logits(logits.data() + begin * classes, x.data(), static_cast<mien::Index>(count));
  }
  mien::infer::check_finite(a.csv, logits);
  return logits;
}

}  // namespace

void measure(const Arguments& a, const std::vector<Model>& models) {
  if (!a.report.empty()) refuse_to_replace(models, a, "--report", a.report);
  check_takes_gray(models);
  const Rows rows = read_rows(a, models[0]);
  const mien::eval::Evaluation e = evaluate(a, models, rows);
  const bool several_views = a.tta != mien::image::Views::none;
  const std::string report =
      mien::eval::report_json(e, rows.split, file_names(models),
                              several_views ? std::string(mien::image::to_string(a.tta)) : std::string());
  if (a.format == Format::json) {
    std::fputs(report.c_str(), stdout);
  } else {
    std::printf("%s\n%s\n", mien::eval::summary(e, rows.split).c_str(), recalls(e.confusion).c_str());
  }
  if (!a.report.empty()) mien::write_file_atomically(a.report, report);  // last: it may not be writable
}

void calibrate(const Arguments& a, const Model& model) {
  refuse_to_replace({model}, a, "--calibrate", a.calibrate);
  check_takes_gray({model});
  const Rows rows = read_rows(a, model);
  const std::vector<float> logits = logits_of(a, model.file, rows);
  std::vector<std::uint8_t> labels;
  for (const std::uint32_t row : rows.indices) labels.push_back(rows.dataset.labels[row]);
  mien::model::ModelFile fitted = model.file;
  fitted.temperature = mien::eval::fit_temperature(logits, labels);
  write_changed(a, fitted, a.calibrate);

  const double before = double{model.file.temperature}, after = double{fitted.temperature};
  const auto nll = [&](double t) { return mien::eval::negative_log_likelihood(logits, labels, t); };
  const auto ece = [&](double t) {
    return mien::eval::expected_calibration_error(mien::eval::calibrated(logits, labels, t), labels);
  };
  std::printf("%s, %zu rows     before     after\ntemperature   %9.4f %9.4f\n", rows.split.c_str(),
              labels.size(), before, after);
  std::printf("NLL           %9.4f %9.4f\nECE           %9.4f %9.4f\n", nll(before), nll(after), ece(before),
              ece(after));
}

}  // namespace ferpredict
