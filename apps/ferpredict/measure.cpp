#include "measure.hpp"

#include <algorithm>
#include <array>
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
#include "mien/core/random.hpp"
#include "mien/core/text.hpp"
#include "mien/data/open.hpp"
#include "mien/eval/calibration.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/eval/report.hpp"
#include "mien/image/degrade.hpp"
#include "mien/image/resize.hpp"
#include "mien/infer/ensemble.hpp"
#include "model_tasks.hpp"

namespace ferpredict {
namespace {

using Degradations = std::vector<mien::image::Degradation>;

struct Rows {
  mien::data::Dataset dataset;
  std::vector<std::uint32_t> indices;
  std::string split;

  // The same whoever asks and when: what is drawn for it depends on its row alone.
  void add_planes(std::vector<mien::image::GrayImage>& planes, std::uint32_t row,
                  const Degradations& degradations) const {
    const std::span<const std::uint8_t> image = dataset.image(static_cast<mien::Index>(row));
    std::vector<std::uint8_t> pixels(image.begin(), image.end());
    const mien::image::PictureShape shape{dataset.height, dataset.width, dataset.channels};
    mien::RandomStream random(0, mien::RandomPurpose::augmentation, row);
    for (const mien::image::Degradation& how : degradations) {
      mien::image::degrade(pixels.data(), pixels.data(), shape, how, random);
    }
    for (auto plane = pixels.begin(); plane != pixels.end(); plane += shape.plane()) {
      planes.push_back({shape.width, shape.height, {plane, plane + shape.plane()}});
    }
  }
};

// Numbers of the data's classes as the model numbers them: files say which is which by name. Data that are read
// for the model need not have all of its classes.
std::vector<std::uint8_t> class_numbers(const Arguments& a, const Model& model,
                                        const std::vector<std::string>& classes) {
  const std::vector<std::string>& labels = model.file.labels;
  std::vector<std::uint8_t> numbers;
  for (const std::string& name : classes) {
    const auto found = std::find(labels.begin(), labels.end(), name);
    if (found == labels.end() || (!a.any && labels.size() != classes.size())) {
      throw mien::DataError(model.path + ": its classes are " + mien::join(labels, ", ") + ", those of " +
                            a.csv + " are " + mien::join(classes, ", ") +
                            (a.any ? "" : "; --data takes any classes"));
    }
    numbers.push_back(static_cast<std::uint8_t>(found - labels.begin()));
  }
  return numbers;
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

// Pictures of any classes as the model takes them, as its training had them.
mien::data::Dataset open_rows(const Arguments& a, const Model& model) {
  const mien::model::ModelSpec& spec = model.file.spec;
  if (!a.any && spec.channels != 1) {
    throw mien::DataError(model.path + ": takes " + std::to_string(spec.channels) +
                          " channels, images of --csv are gray; --data reads colors");
  }
  if (!a.any) return mien::data::open_dataset(a.csv, a.classes);
  return mien::data::open_pictures(a.csv, a.classes,
                                   {.height = spec.height, .width = spec.width, .channels = spec.channels});
}

Rows read_rows(const Arguments& a, const Model& model) {
  Rows rows{.dataset = open_rows(a, model), .indices = {}, .split = {}};
  apps::require_numbered_classes(rows.dataset, a.classes);
  choose_rows(a, rows);
  if (rows.indices.empty()) throw mien::DataError(a.csv + ": no " + rows.split + " rows");
  for (const std::string& note : rows.dataset.notes) apps::print_error(a.csv + ": " + note);
  if (a.usage.empty() && rows.split == kAllRows) {
    const bool held_out = !rows.dataset.indices(mien::data::Split::public_test).empty();
    apps::print_error(
        a.csv + ": all rows are measured" +
        (held_out ? "; where the model has learned from them, --usage validation measures those that it has not"
                  : ""));
  }
  const std::vector<std::uint8_t> numbers = class_numbers(a, model, rows.dataset.classes);
  for (std::uint8_t& label : rows.dataset.labels) label = numbers[label];
  rows.dataset.classes = model.file.labels;
  return rows;
}

mien::eval::Evaluation evaluate(const Arguments& a, const std::vector<Model>& models, const Rows& rows) {
  // Views count as images: a batch is never larger than what training evaluates with.
  const mien::Index batch =
      std::max<mien::Index>(mien::eval::kEvaluationBatch / mien::image::view_count(a.tta), 1);
  mien::infer::Ensemble ensemble(files_of(models), a.tta, batch);
  const auto classify = [&](float* p, std::span<const std::uint32_t> some) {
    std::vector<mien::image::GrayImage> planes;
    for (const std::uint32_t row : some) rows.add_planes(planes, row, a.degradations);
    ensemble.predict(p, planes);
    mien::infer::check_finite(a.csv, {p, some.size() * static_cast<std::size_t>(ensemble.class_count())});
  };
  mien::eval::Evaluation result =
      mien::eval::evaluate(rows.dataset, rows.indices, models[0].file.labels, classify);
  result.without_copies = mien::eval::without_copies(rows.dataset, rows.indices, result);
  return result;
}

std::string texts_of(const Degradations& degradations) {
  std::vector<std::string> texts;
  for (const mien::image::Degradation& how : degradations) texts.push_back(mien::image::to_string(how));
  return mien::join(texts, ", ");
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
std::vector<float> logits_of(const Arguments& a, const mien::model::ModelFile& model, const Rows& rows,
                             const Degradations& degradations) {
  mien::infer::Session session(model, mien::eval::kEvaluationBatch);
  const std::size_t size = static_cast<std::size_t>(session.input_size()), classes = model.labels.size();
  constexpr auto kBatch = static_cast<std::size_t>(mien::eval::kEvaluationBatch);
  std::vector<float> x(kBatch * size), logits(rows.indices.size() * classes);
  for (std::size_t begin = 0; begin < rows.indices.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, rows.indices.size() - begin);
    mien::parallel_for(static_cast<mien::Index>(count), [&](mien::Index i) {
      const std::size_t k = static_cast<std::size_t>(i);
      std::vector<mien::image::GrayImage> planes;
      rows.add_planes(planes, rows.indices[begin + k], degradations);
      std::vector<std::uint8_t> pixels;
      for (const mien::image::GrayImage& plane : planes) {
        const auto scaled = mien::image::resize(plane, model.spec.width, model.spec.height);
        pixels.insert(pixels.end(), scaled.pixels.begin(), scaled.pixels.end());
      }
      mien::image::normalize(x.data() + k * size, pixels.data(), session.input_size(), model.normalization);
    });
    session.logits(logits.data() + begin * classes, x.data(), static_cast<mien::Index>(count));
  }
  mien::infer::check_finite(a.csv, logits);
  return logits;
}

// The rows as they are, or degraded in one way.
struct Copy {
  std::string name;  // ", noise=8"
  std::vector<float> logits;
};

// What fits all copies alike.
float temperature_of(const std::vector<Copy>& copies, const std::vector<std::uint8_t>& labels) {
  std::vector<float> all_logits;
  std::vector<std::uint8_t> all_labels;
  for (const Copy& copy : copies) {
    all_logits.insert(all_logits.end(), copy.logits.begin(), copy.logits.end());
    all_labels.insert(all_labels.end(), labels.begin(), labels.end());
  }
  return mien::eval::fit_temperature(all_logits, all_labels);
}

bool is_right(std::span<const float> logits, std::uint8_t label) {
  return std::max_element(logits.begin(), logits.end()) - logits.begin() == std::ptrdiff_t{label};
}

// Where rows say little about the temperature.
void warn_of_limits(const std::vector<Copy>& copies, const std::vector<std::uint8_t>& labels,
                    double temperature) {
  constexpr double kNear = 1.001;
  const bool all_right = std::all_of(copies.begin(), copies.end(), [&](const Copy& copy) {
    const std::size_t classes = copy.logits.size() / labels.size();
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!is_right(std::span(copy.logits).subspan(i * classes, classes), labels[i])) return false;
    }
    return true;
  });
  if (all_right) {
    apps::print_error(
        "the model is right about every row, which says little about the temperature: take more rows, "
        "which it has not learned");
  } else if (temperature * kNear >= mien::eval::kLargestTemperature) {
    apps::print_error(
        "the temperature is the largest that is tried: on these rows the model is no better than chance, "
        "or its logits are very large");
  }
}

void print_calibration(const std::string& split, const std::vector<Copy>& copies,
                       const std::vector<std::uint8_t>& labels, double before, double after) {
  std::printf("%-24s %9s %9s\n", (split + ", " + std::to_string(labels.size()) + " rows").c_str(), "before",
              "after");
  const auto print = [](const std::string& name, double first, double second) {
    std::printf("%-24s %9.4f %9.4f\n", name.c_str(), first, second);
  };
  print("temperature", before, after);
  for (const Copy& copy : copies) {
    const auto nll = [&](double t) { return mien::eval::negative_log_likelihood(copy.logits, labels, t); };
    const auto ece = [&](double t) {
      return mien::eval::expected_calibration_error(mien::eval::calibrated(copy.logits, labels, t), labels);
    };
    print("NLL" + copy.name, nll(before), nll(after));
    print("ECE" + copy.name, ece(before), ece(after));
  }
}

}  // namespace

mien::data::Split split_of(const std::string& name) {
  constexpr std::array<std::string_view, mien::data::kSplitCount> kUsualNames{"train", "validation", "test"};
  for (std::size_t i = 0; i < mien::data::kSplitCount; ++i) {
    if (mien::data::kSplitNames[i] == name || kUsualNames[i] == name) return static_cast<mien::data::Split>(i);
  }
  throw mien::ArgumentError("--usage: unknown split " + name);
}

void measure(const Arguments& a, const std::vector<Model>& models) {
  if (!a.report.empty()) refuse_to_replace(models, a, "--report", a.report);
  check_reads_faces(models);
  const Rows rows = read_rows(a, models[0]);
  const mien::eval::Evaluation e = evaluate(a, models, rows);
  const bool several_views = a.tta != mien::image::Views::none;
  const std::string degraded = texts_of(a.degradations);
  const std::string report = mien::eval::report_json(
      e, rows.split, file_names(models),
      several_views ? std::string(mien::image::to_string(a.tta)) : std::string(), degraded);
  if (a.format == Format::json) {
    std::fputs(report.c_str(), stdout);
  } else {
    const std::string what = rows.split + (degraded.empty() ? "" : " (" + degraded + ')');
    std::printf("%s\n%s\n", mien::eval::summary(e, what).c_str(), recalls(e.confusion).c_str());
  }
  if (!a.report.empty()) mien::write_file_atomically(a.report, report);  // last: it may not be writable
}

void calibrate(const Arguments& a, const Model& model) {
  refuse_to_replace({model}, a, "--calibrate", a.calibrate);
  refuse_other_format("--calibrate", a.calibrate, "safetensors");
  check_reads_faces({model});
  const Rows rows = read_rows(a, model);
  std::vector<std::uint8_t> labels;
  for (const std::uint32_t row : rows.indices) labels.push_back(rows.dataset.labels[row]);
  std::vector<Copy> copies = {{"", logits_of(a, model.file, rows, {})}};
  for (const mien::image::Degradation& how : a.degradations) {
    copies.push_back({", " + mien::image::to_string(how), logits_of(a, model.file, rows, {how})});
  }
  mien::model::ModelFile fitted = model.file;
  fitted.temperature = temperature_of(copies, labels);
  warn_of_limits(copies, labels, fitted.temperature);
  write_changed(a, fitted, a.calibrate);
  print_calibration(rows.split, copies, labels, double{model.file.temperature}, double{fitted.temperature});
}

}  // namespace ferpredict
