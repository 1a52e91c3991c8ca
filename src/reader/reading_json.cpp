#include "mien/reader/reading_json.hpp"

#include <cmath>
#include <utility>

namespace mien::reader {
namespace {

constexpr int kProbabilityDecimals = 7;  // about what a float holds
constexpr int kTimeDecimals = 3;         // of milliseconds
constexpr int kScoreDecimals = 6;
constexpr int kPlaceDecimals = 1;  // of pixels and degrees

Json points_json(const face::FacePoints& points) {
  Json list{Json::Array{}};
  for (const face::Point& point : points) {
    list.append(Json::Array{rounded(point.x, kPlaceDecimals), rounded(point.y, kPlaceDecimals)});
  }
  return list;
}

}  // namespace

Json model_json(std::span<const ModelIdentity> models) {
  Json::Array list;
  std::string names;
  for (const ModelIdentity& identity : models) {
    Json model;
    model.set("name", identity.name).set("sha256", identity.sha256);
    list.push_back(std::move(model));
    names += (names.empty() ? "" : " + ") + identity.name;
  }
  if (list.size() == 1) return std::move(list[0]);
  Json model;
  model.set("name", names).set("ensemble", std::move(list));
  return model;
}

Json face_json(const FacePrediction& face, std::size_t shown, const Wording& wording) {
  const std::string& label = wording.labels[shown];
  Json probabilities;
  for (std::size_t c = 0; c < wording.labels.size(); ++c) {
    probabilities.set(wording.labels[c], rounded(face.probabilities[c], kProbabilityDecimals));
  }
  Json emoticons{Json::Array{}};
  for (const std::string& form : wording.emoticons.forms(label, wording.style)) emoticons.append(form);
  Json json;
  json.set("box", Json::Array{face.x, face.y, face.width, face.height});
  json.set("score", face.score ? Json(rounded(*face.score, kScoreDecimals)) : Json());
  json.set("expression", label);
  if (wording.language) json.set("name", expression_name(label, *wording.language));
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

Json followed_face_json(const FacePrediction& face, const FaceFollower::Followed& followed,
                        const Wording& wording) {
  Json json;
  json.set("track", followed.track);
  const Json all = face_json(face, followed.expression, wording);
  for (const JsonMember& member : all.as_object()) json.set(member.key, member.value);
  return json;
}

Json times_json(const Reading& reading, double decode_ms) {
  Json ms;
  ms.set("decode", rounded(decode_ms, kTimeDecimals));
  ms.set("detect", rounded(reading.detect_ms, kTimeDecimals));
  ms.set("infer", rounded(reading.infer_ms, kTimeDecimals));
  return ms;
}

const char* detector_name(const Reading& reading) {
  if (!reading.searched) return "none";
  return reading.by_network ? "network" : "haar";
}

double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

}  // namespace mien::reader
