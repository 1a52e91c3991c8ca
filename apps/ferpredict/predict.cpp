#include "predict.hpp"

#include <chrono>
#include <cstdio>
#include <utility>

#include "images.hpp"
#include "mien/core/error.hpp"
#include "mien/core/sha256.hpp"
#include "mien/image/decode.hpp"
#include "mien/infer/ensemble.hpp"
#include "output.hpp"

namespace ferpredict {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Prediction predict(const ImageInput& input, mien::infer::Ensemble& ensemble) {
  const std::string& path = input.path;
  Prediction result{.image = path, .error = {}, .probabilities = {}};
  try {
    if (!input.error.empty()) throw mien::DataError(input.error);
    const auto start = Clock::now();
    const mien::image::GrayImage image = mien::image::decode_gray(read_image_bytes(path), path);
    result.width = image.width;
    result.height = image.height;
    result.decode_ms = ms_since(start);
    const auto decoded = Clock::now();
    result.probabilities.resize(static_cast<std::size_t>(ensemble.class_count()));
    ensemble.predict(result.probabilities.data(), {&image, 1});
    result.infer_ms = ms_since(decoded);
    check_finite(path, result.probabilities);
  } catch (const mien::DataError& error) {
    result.error = error.what();
    std::fprintf(stderr, "%s\n", error.what());
  }
  return result;
}

OutputContext output_context(const Arguments& a, const std::vector<std::string>& labels) {
  using mien::infer::Emoticons;
  using mien::infer::EmoticonStyle;
  const bool utf8 = mien::infer::locale_is_utf8();
  return {.labels = labels,
          .emoticons = a.emoticons.empty() ? Emoticons::defaults() : Emoticons::load(a.emoticons),
          .style = a.style.value_or(utf8 ? EmoticonStyle::emoji : EmoticonStyle::ascii),
          .top = a.top,
          .utf8 = utf8};
}

std::vector<ModelIdentity> identities(const std::vector<Model>& models) {
  std::vector<ModelIdentity> result;
  for (const Model& model : models) {
    result.push_back({model.file.name, mien::sha256_file_hex(model.path)});
  }
  return result;
}

}  // namespace

bool predict_images(const Arguments& a, const std::vector<Model>& models) {
  check_takes_gray(models);
  const OutputContext context = output_context(a, models[0].file.labels);
  mien::infer::Ensemble ensemble(files_of(models), a.tta);
  std::vector<Prediction> predictions;
  bool all_read = true;
  if (a.format == Format::csv) std::fputs(csv_header(context).c_str(), stdout);
  for (const ImageInput& input : list_images(a.inputs)) {
    Prediction prediction = predict(input, ensemble);
    all_read = all_read && prediction.error.empty();
    if (a.format == Format::text) std::fputs(text(prediction, context).c_str(), stdout);
    if (a.format == Format::csv) std::fputs(csv_row(prediction, context).c_str(), stdout);
    if (a.format == Format::json) predictions.push_back(std::move(prediction));
  }
  if (a.format == Format::json) std::fputs(json(predictions, context, identities(models)).c_str(), stdout);
  return all_read;
}

}  // namespace ferpredict
