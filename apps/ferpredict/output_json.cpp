#include <cmath>
#include <utility>

#include "mien/core/json.hpp"
#include "mien/core/text.hpp"
#include "output.hpp"

namespace ferpredict {
namespace {

constexpr int kProbabilityDecimals = 7;  // about what a float holds
constexpr int kTimeDecimals = 3;         // of milliseconds
constexpr int kScoreDecimals = 6;
constexpr int kPlaceDecimals = 1;  // of pixels and degrees

mien::Json points_json(const mien::face::FacePoints& points) {
  mien::Json list{mien::Json::Array{}};
  for (const mien::face::Point& point : points) {
    list.append(mien::Json::Array{rounded(point.x, kPlaceDecimals), rounded(point.y, kPlaceDecimals)});
  }
  return list;
}

mien::Json image_json(const Prediction& prediction, const OutputContext& context) {
  mien::Json faces{mien::Json::Array{}};
  for (const FacePrediction& face : prediction.faces) {
    faces.append(face_json(face, face.ranking().front(), context));
  }
  mien::Json image;
  image.set("image", json_text(prediction.image));
  if (prediction.error.empty()) image.set("detector", detector_name(prediction));
  if (prediction.fallback != Fallback::none) image.set("fallback", to_string(prediction.fallback));
  image.set("faces", std::move(faces));
  image.set("ms", times_json(prediction));
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

std::string json_text(const std::string& text) {
  return mien::is_utf8(text) ? text : mien::quote(text, text.size());
}

double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

mien::Json face_json(const FacePrediction& face, std::size_t shown, const OutputContext& context) {
  const std::string& label = context.labels[shown];
  mien::Json probabilities;
  for (std::size_t c = 0; c < context.labels.size(); ++c) {
    probabilities.set(context.labels[c], rounded(face.probabilities[c], kProbabilityDecimals));
  }
  mien::Json emoticons{mien::Json::Array{}};
  for (const std::string& form : context.emoticons.forms(label, context.style)) emoticons.append(form);
  mien::Json json;
  json.set("box", mien::Json::Array{face.x, face.y, face.width, face.height});
  json.set("score", face.score ? mien::Json(rounded(*face.score, kScoreDecimals)) : mien::Json());
  json.set("expression", label);
  if (context.language) json.set("name", mien::reader::expression_name(label, *context.language));
  json.set("probability", rounded(face.probabilities[shown], kProbabilityDecimals));
  json.set("probabilities", std::move(probabilities));
  json.set("emoticons", std::move(emoticons));
  if (face.points) json.set("points", points_json(*face.points));
  if (face.pose) {
    json.set("roll", rounded(face.pose->roll, kPlaceDecimals))
        .set("yaw", rounded(face.pose->yaw, kPlaceDecimals));
    if (face.pose->turned_away) json.set("turned_away", true);
  }
  return json;
}

mien::Json times_json(const Prediction& prediction) {
  mien::Json ms;
  ms.set("decode", rounded(prediction.decode_ms, kTimeDecimals));
  ms.set("detect", rounded(prediction.detect_ms, kTimeDecimals));
  ms.set("infer", rounded(prediction.infer_ms, kTimeDecimals));
  return ms;
}

const char* detector_name(const Prediction& prediction) {
  if (!prediction.searched) return "none";
  return prediction.by_network ? "network" : "haar";
}

std::string json(const std::vector<Prediction>& predictions, const OutputContext& context,
                 std::span<const ModelIdentity> models, std::span<const std::string> warnings) {
  mien::Json images{mien::Json::Array{}};
  for (const Prediction& prediction : predictions) images.append(image_json(prediction, context));
  mien::Json document;
  document.set("schema", 1).set("model", model_json(models));
  if (!warnings.empty()) {
    mien::Json list{mien::Json::Array{}};
    for (const std::string& warning : warnings) list.append(json_text(warning));
    document.set("warnings", std::move(list));
  }
  document.set("images", std::move(images));
  return mien::to_json(document, {.pretty = true, .ascii = !context.utf8}) + "\n";
}

}  // namespace ferpredict
