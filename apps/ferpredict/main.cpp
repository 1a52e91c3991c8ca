#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <span>

#include "arguments.hpp"
#include "common/exit_codes.hpp"
#include "images.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/sha256.hpp"
#include "mien/core/text.hpp"
#include "mien/data/open.hpp"
#include "mien/eval/evaluate.hpp"
#include "mien/eval/report.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/resize.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/describe.hpp"
#include "mien/model/encoding.hpp"
#include "mien/model/onnx.hpp"
#include "output.hpp"

namespace ferpredict {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// "f32", "int8", or several where matrices and filters differ.
std::string dtypes(const mien::model::ModelFile& model) {
  std::string text;
  for (const mien::model::Weight& weight : model.weights) {
    if (weight.shape().rank() < 2) continue;
    const std::string name(mien::model::to_string(weight.encoded.encoding));
    if (text.find(name) == std::string::npos) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

void print_model_info(const mien::model::ModelFile& model, const std::string& path) {
  std::printf("model   %s\nfile    %s\nsha256  %s\ndtype   %s\nlabels  ", model.name.c_str(), path.c_str(),
              mien::sha256_file_hex(path).c_str(), dtypes(model).c_str());
  for (std::size_t i = 0; i < model.labels.size(); ++i) {
    std::printf("%s%s", i == 0 ? "" : ", ", model.labels[i].c_str());
  }
  std::printf("\n\n%s", mien::model::describe(model.spec).c_str());
}

// Writing over the model would leave nothing to go back to.
void refuse_to_replace_model(const Arguments& a, const std::string& option, const std::string& file) {
  std::error_code ignored;  // a file that does not exist is another one
  if (std::filesystem::equivalent(file, a.model, ignored)) {
    throw mien::ArgumentError(option + " " + file +
                              " would replace the model it comes from; name another file");
  }
}

// The sample's expected output becomes the converted weights' own.
void convert(const Arguments& a, const mien::model::ModelFile& model) {
  (void)mien::infer::Session(model);  // what is converted has to be right
  mien::model::ModelFile converted = mien::model::with_encoding(model, a.dtype);
  if (converted.sample_input.defined()) {
    mien::infer::Session session(converted);
    converted.sample_output = mien::Tensor({1, session.class_count()});
    session.predict(converted.sample_output.mutable_data(), converted.sample_input.data(), 1);
  }
  mien::model::write_model(a.convert, converted);
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

void check_size(const Arguments& a, const mien::model::ModelSpec& spec, const mien::data::Dataset& dataset) {
  const mien::Shape taken{spec.channels, spec.height, spec.width};
  const mien::Shape held{1, dataset.height, dataset.width};
  if (taken == held) return;
  throw mien::DataError(a.model + ": takes " + taken.to_string() + " images, those of " + a.csv + " are " +
                        held.to_string());
}

// The rows of a CSV through the runtime: the same figures as training reports for the same weights.
int measure(const Arguments& a, const mien::model::ModelFile& model) {
  const mien::data::Dataset dataset = mien::data::open_dataset(a.csv);
  check_size(a, model.spec, dataset);
  const std::vector<std::uint32_t> rows = dataset.indices(a.usage);
  const std::string split(mien::data::split_name(a.usage));
  if (rows.empty()) throw mien::DataError(a.csv + ": no " + split + " rows");
  mien::infer::Session session(model, mien::eval::kEvaluationBatch);
  const auto classify = [&](float* p, const float* x, mien::Index n) {
    session.predict(p, x, n);
    if (!all_finite({p, static_cast<std::size_t>(n * session.class_count())})) {
      throw mien::DataError(a.csv + ": the model's output is not finite");
    }
  };
  mien::eval::Evaluation e =
      mien::eval::evaluate(dataset, rows, model.normalization, model.labels, classify);
  e.without_copies = mien::eval::without_copies(dataset, rows, e);
  const std::string report =
      mien::eval::report_json(e, split, std::filesystem::path(a.model).filename().string());
  if (!a.report.empty()) mien::write_file_atomically(a.report, report);
  if (a.format == Format::json) {
    std::fputs(report.c_str(), stdout);
  } else {
    std::printf("%s\n", mien::eval::summary(e, split).c_str());
  }
  return apps::kOk;
}

Prediction predict(const ImageInput& input, mien::infer::Session& session,
                   const mien::model::ModelFile& model) {
  const std::string& path = input.path;
  Prediction result{.image = path, .error = {}, .probabilities = {}};
  try {
    if (!input.error.empty()) throw mien::DataError(input.error);
    const auto start = Clock::now();
    const mien::image::GrayImage image = mien::image::decode_gray(read_image_bytes(path), path);
    result.width = image.width;
    result.height = image.height;
    result.decode_ms = ms_since(start);
    const auto prepared = Clock::now();
    const mien::image::GrayImage crop = mien::image::resize(image, model.spec.width, model.spec.height);
    std::vector<float> x(static_cast<std::size_t>(session.input_size()));
    mien::image::normalize(x.data(), crop.pixels.data(), session.input_size(), model.normalization);
    result.probabilities.resize(model.labels.size());
    session.predict(result.probabilities.data(), x.data(), 1);
    result.infer_ms = ms_since(prepared);
    if (!all_finite(result.probabilities)) throw mien::DataError(path + ": the model's output is not finite");
  } catch (const mien::DataError& error) {
    result.error = error.what();
    std::fprintf(stderr, "%s\n", error.what());
  }
  return result;
}

int predict_images(const Arguments& a, const mien::model::ModelFile& model) {
  if (model.spec.channels != 1) {
    throw mien::DataError(a.model + ": takes " + std::to_string(model.spec.channels) +
                          " channels, images are gray");
  }
  const bool utf8 = mien::infer::locale_is_utf8();
  using mien::infer::EmoticonStyle;
  const OutputContext context{.labels = model.labels,
                              .emoticons = a.emoticons.empty() ? mien::infer::Emoticons::defaults()
                                                               : mien::infer::Emoticons::load(a.emoticons),
                              .style = a.style.value_or(utf8 ? EmoticonStyle::emoji : EmoticonStyle::ascii),
                              .top = a.top,
                              .utf8 = utf8};
  mien::infer::Session session(model);
  std::vector<Prediction> predictions;
  bool failed = false;
  if (a.format == Format::csv) std::fputs(csv_header(context).c_str(), stdout);
  for (const ImageInput& input : list_images(a.inputs)) {
    Prediction prediction = predict(input, session, model);
    failed = failed || !prediction.error.empty();
    if (a.format == Format::text) std::fputs(text(prediction, context).c_str(), stdout);
    if (a.format == Format::csv) std::fputs(csv_row(prediction, context).c_str(), stdout);
    if (a.format == Format::json) predictions.push_back(std::move(prediction));
  }
  if (a.format == Format::json) {
    std::fputs(json(predictions, context, model.name, mien::sha256_file_hex(a.model)).c_str(), stdout);
  }
  return failed ? apps::kBadData : apps::kOk;
}

int run(const Arguments& a) {
  mien::set_thread_count(a.threads);
  const mien::model::ModelFile model = mien::model::read_model(std::filesystem::path(a.model));
  if (a.model_info) {
    print_model_info(model, a.model);
    return apps::kOk;
  }
  if (!a.convert.empty()) {
    refuse_to_replace_model(a, "--convert", a.convert);
    convert(a, model);
    return apps::kOk;
  }
  if (!a.export_onnx.empty()) {
    refuse_to_replace_model(a, "--export-onnx", a.export_onnx);
    mien::model::write_onnx(a.export_onnx, model);
    return apps::kOk;
  }
  return a.csv.empty() ? predict_images(a, model) : measure(a, model);
}

}  // namespace
}  // namespace ferpredict

int main(int argc, char** argv) {
  return apps::guarded([&] {
    const auto parsed = ferpredict::parse(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    return ferpredict::run(std::get<ferpredict::Arguments>(parsed));
  });
}
