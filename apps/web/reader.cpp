#include "reader.hpp"

#include <cmath>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/sha256.hpp"
#include "mien/core/stopwatch.hpp"
#include "mien/core/text.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/rgba.hpp"

namespace mien_web {
namespace {

using mien::ArgumentError;
using mien::Json;
using mien::model::SafetensorsFile;
using namespace mien::reader;

constexpr const char* kPicture = "picture";
constexpr const char* kOptions = "options";
constexpr double kMostPixels = 16384;  // an edge that face::DetectOptions takes
constexpr int kTimeDecimals = 6;       // of seconds and of frames a second

SafetensorsFile file_of(Bytes bytes, const char* name) {
  const auto values = std::as_bytes(bytes);
  return SafetensorsFile(mien::MappedFile::from_bytes({values.begin(), values.end()}, name));
}

mien::model::ModelFile expression_model(const SafetensorsFile& file) {
  mien::model::ModelFile model = mien::model::read_model(file);
  const std::string name = file.path().string();
  if (model.face_grid) throw mien::DataError(name + ": a network that finds faces, and reads no expressions");
  if (model.spec.channels != 1) {
    throw mien::DataError(name + ": takes " + std::to_string(model.spec.channels) +
                          " channels, images are gray");
  }
  return model;
}

std::string sha256_of(const SafetensorsFile& file) {
  mien::Sha256 hash;
  hash.update(file.bytes());
  return mien::to_hex(hash.finish());
}

double number_in(const mien::JsonMember& member, double low, double high) {
  const double value = member.value.as_number(std::string(kOptions) + ": " + member.key);
  if (value >= low && value <= high) return value;
  throw ArgumentError(member.key + ": " + mien::format_number(value) + " is not in " +
                      mien::format_number(low) + " .. " + mien::format_number(high));
}

SmoothingOptions smoothing_of(const Json& json) {
  SmoothingOptions options;
  for (const mien::JsonMember& member : json.as_object("options: smoothing")) {
    if (member.key == "timeConstant") {
      options.time_constant = number_in(member, 0, 60);
    } else if (member.key == "hold") {
      options.hold = number_in(member, 0, 60);
    } else if (member.key == "margin") {
      options.margin = number_in(member, 0, 1);
    } else {
      throw ArgumentError("unknown option smoothing." + member.key + ", expected timeConstant, hold or margin");
    }
  }
  return options;
}

}  // namespace

Reader::Reader(Bytes model, Bytes detector, Bytes points)
    : model_file_(file_of(model, "model")),
      detector_file_(file_of(detector, "detector")),
      points_file_(points.empty() ? nullptr : std::make_unique<SafetensorsFile>(file_of(points, "points"))),
      model_(expression_model(model_file_)),
      identity_{model_.name, sha256_of(model_file_)} {
  reader(mien::image::Views::none);
}

FaceReader& Reader::reader(mien::image::Views views) {
  const auto found = readers_.find(views);
  if (found != readers_.end()) return found->second;
  ReaderOptions options;
  options.views = views;
  return readers_
      .try_emplace(views, std::span(&model_, 1), read_networks(detector_file_, points_file_.get()), options)
      .first->second;
}

Request Reader::request(std::string_view options) const {
  try {
    return request_of(options);
  } catch (const mien::DataError& error) {  // of a value of another kind
    throw ArgumentError(error.what());
  }
}

Request Reader::request_of(std::string_view options) const {
  Request request;
  request.wording.labels = model_.labels;
  request.wording.emoticons = Emoticons::defaults();
  const Json json = mien::parse_json(options, kOptions);
  for (const mien::JsonMember& member : json.as_object(kOptions)) {
    const std::string where = std::string(kOptions) + ": " + member.key;
    if (member.key == "tta") {
      request.views = mien::image::parse_views(member.value.as_string(where));
    } else if (member.key == "lang") {
      request.wording.language = parse_language(member.value.as_string(where));
    } else if (member.key == "minScore") {
      request.picture.min_score = number_in(member, 0, 1);
    } else if (member.key == "minFace") {
      request.picture.min_face = static_cast<mien::Index>(std::lround(number_in(member, 1, kMostPixels)));
    } else if (member.key == "smoothing") {
      request.smoothing = smoothing_of(member.value);
    } else {
      throw ArgumentError("unknown option " + member.key +
                          ", expected tta, lang, minFace, minScore or smoothing");
    }
  }
  return request;
}

std::uint8_t* Reader::pixels(mien::Index width, mien::Index height) {
  mien::image::check_picture_size(kPicture, width, height);
  gray_.width = width;
  gray_.height = height;
  rgba_.resize(static_cast<std::size_t>(4 * width * height));
  return rgba_.data();
}

Reader::Seen Reader::look(const Request& request, double ms) {
  mien::Stopwatch watch;
  mien::image::gray_of_rgba(gray_, rgba_, gray_.width, gray_.height);
  const double decode_ms = ms + watch.lap_ms();
  return {reader(request.views).read(gray_, kPicture, request.picture), decode_ms};
}

Json Reader::read(const Request& request, double ms) {
  Request asked = request;
  asked.picture.fall_back = true;
  const Seen seen = look(asked, ms);
  Json faces{Json::Array{}};
  for (const FacePrediction& face : seen.reading.faces) {
    faces.append(face_json(face, face.ranking().front(), request.wording));
  }
  Json result;
  result.set("schema", kJsonSchema).set("model", model_json(std::span(&identity_, 1)));
  result.set("detector", detector_name(seen.reading));
  if (seen.reading.fallback != Fallback::none) result.set("fallback", to_string(seen.reading.fallback));
  result.set("faces", std::move(faces));
  result.set("ms", times_json(seen.reading, seen.decode_ms));
  return result;
}

Follower::Follower(Reader& reader, Request request)
    : reader_(reader), request_(std::move(request)), follower_(request_.smoothing) {
  reader_.reader(request_.views);
}

Json Follower::read(double time, double ms) {
  if (!std::isfinite(time)) throw ArgumentError("the time of a frame is no finite number");
  Reader::Seen seen = reader_.look(request_, ms);
  if (frames_ == 0) start_ = time;
  const double seconds = (time - start_) / 1000;
  const std::vector<FaceFollower::Followed> shown = follower_.update(seen.reading.faces, seconds);
  Json faces{Json::Array{}};
  for (std::size_t i = 0; i < shown.size(); ++i) {
    faces.append(followed_face_json(seen.reading.faces[i], shown[i], request_.wording));
  }
  const std::optional<double> fps = rate_.update(seconds);
  Json line;
  line.set("frame", ++frames_).set("time", rounded(seconds, kTimeDecimals));
  line.set("detector", detector_name(seen.reading));
  line.set("faces", std::move(faces));
  line.set("ms", times_json(seen.reading, seen.decode_ms));
  line.set("fps", fps ? Json(rounded(*fps, kTimeDecimals)) : Json());
  return line;
}

}  // namespace mien_web
