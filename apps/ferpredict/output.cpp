#include "output.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "mien/core/json.hpp"
#include "mien/core/text.hpp"

namespace ferpredict {
namespace {

constexpr int kBarWidth = 20;

std::string bar(float probability, bool utf8) {
  const auto filled = static_cast<int>(std::lround(probability * kBarWidth));
  std::string text;
  for (int i = 0; i < kBarWidth; ++i) text += i < filled ? (utf8 ? "█" : "#") : (utf8 ? "░" : ".");
  return text;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string rounded(double value) {
  return mien::format_fixed(value, 6);
}

// As many digits as a float has.
double json_number(float value) {
  return std::round(double{value} * 1e7) / 1e7;
}

mien::Json face_json(const Prediction& prediction, const OutputContext& context) {
  const std::size_t first = prediction.ranking().front();
  mien::Json probabilities;
  for (std::size_t c = 0; c < context.labels.size(); ++c) {
    probabilities.set(context.labels[c], json_number(prediction.probabilities[c]));
  }
  mien::Json emoticons{mien::Json::Array{}};
  for (const std::string& form : context.emoticons.forms(context.labels[first], context.style))
    emoticons.append(form);
  mien::Json face;
  face.set("box", mien::Json::Array{0, 0, prediction.width, prediction.height});
  face.set("expression", context.labels[first]);
  face.set("probability", json_number(prediction.probabilities[first]));
  face.set("probabilities", std::move(probabilities));
  face.set("emoticons", std::move(emoticons));
  return face;
}

// File names are bytes; JSON is UTF-8.
std::string json_text(const std::string& text) {
  return mien::is_utf8(text) ? text : mien::quote(text, text.size());
}

mien::Json image_json(const Prediction& prediction, const OutputContext& context) {
  mien::Json faces{mien::Json::Array{}};
  if (prediction.error.empty()) faces.append(face_json(prediction, context));
  mien::Json ms;
  ms.set("decode", std::round(prediction.decode_ms * 1000) / 1000);
  ms.set("infer", std::round(prediction.infer_ms * 1000) / 1000);
  mien::Json image;
  image.set("image", json_text(prediction.image));
  image.set("faces", std::move(faces));
  image.set("ms", std::move(ms));
  if (!prediction.error.empty()) image.set("error", json_text(prediction.error));
  return image;
}

mien::Json model_json(std::span<const ModelIdentity> models) {
  mien::Json::Array list;
  std::string names;
  for (const ModelIdentity& identity : models) {
    mien::Json model;
    model.set("name", identity.name).set("sha256", identity.sha256);
    list.push_back(std::move(model));
    names += (names.empty() ? "" : " + ") + identity.name;
  }
  if (list.size() == 1) return std::move(list[0]);
  mien::Json model;
  model.set("name", names).set("ensemble", std::move(list));
  return model;
}

}  // namespace

std::vector<std::size_t> Prediction::ranking() const {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
  return order;
}

std::string text(const Prediction& prediction, const OutputContext& context) {
  std::string result = prediction.image + "\n";
  if (!prediction.error.empty()) return result;  // the reason is on stderr
  std::size_t widest = 0;
  for (const std::string& label : context.labels) widest = std::max(widest, label.size());
  int shown = 0;
  for (const std::size_t c : prediction.ranking()) {
    if (shown++ == context.top) break;
    const float probability = prediction.probabilities[c];
    char percent[16];
    std::snprintf(percent, sizeof percent, "%5.1f %%", 100.0 * double{probability});
    result += "  " + context.labels[c] + std::string(widest - context.labels[c].size(), ' ') + "  " + percent +
              "  " + bar(probability, context.utf8) + "  " +
              mien::join(context.emoticons.forms(context.labels[c], context.style), "  ") + "\n";
  }
  return result;
}

std::string json(const std::vector<Prediction>& predictions, const OutputContext& context,
                 std::span<const ModelIdentity> models) {
  mien::Json images{mien::Json::Array{}};
  for (const Prediction& prediction : predictions) images.append(image_json(prediction, context));
  mien::Json document;
  document.set("schema", 1).set("model", model_json(models)).set("images", std::move(images));
  return mien::to_json(document, {.pretty = true, .ascii = !context.utf8}) + "\n";
}

std::string csv_header(const OutputContext& context) {
  std::string line = "image,expression,probability";
  for (const std::string& label : context.labels) line += "," + csv_cell(label);
  return line + ",error\r\n";
}

std::string csv_row(const Prediction& prediction, const OutputContext& context) {
  std::string line = csv_cell(prediction.image);
  if (!prediction.error.empty()) {
    return line + std::string(2 + context.labels.size(), ',') + "," + csv_cell(prediction.error) + "\r\n";
  }
  const std::size_t first = prediction.ranking().front();
  line += "," + csv_cell(context.labels[first]) + "," + rounded(double{prediction.probabilities[first]});
  for (const float probability : prediction.probabilities) line += "," + rounded(double{probability});
  return line + ",\r\n";
}

}  // namespace ferpredict
