// What mien-web does with pictures, apart from how JavaScript calls it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/image/image.hpp"
#include "mien/image/views.hpp"
#include "mien/model/safetensors.hpp"
#include "mien/reader/face_follower.hpp"
#include "mien/reader/face_reader.hpp"
#include "mien/reader/frame_rate.hpp"
#include "mien/reader/reading_json.hpp"

namespace mien_web {

using Bytes = std::span<const std::uint8_t>;

/// What is asked about a picture.
struct Request {
  mien::image::Views views = mien::image::Views::none;
  mien::reader::PictureOptions picture;
  mien::reader::Wording wording;
  mien::reader::SmoothingOptions smoothing;  ///< of a follower
};

/// The networks of a page: one that reads expressions, and two that find faces.
class Reader {
 public:
  /// Of the bytes of model files, which are copied; without `points` where that is empty. Throws
  /// mien::DataError, naming the file as "model", "detector" or "points".
  Reader(Bytes model, Bytes detector, Bytes points);

  /// Of {"tta","lang","minFace","minScore","smoothing":{"timeConstant","hold","margin"}}, as JSON; all of them
  /// may be missing. Throws mien::ArgumentError for anything else.
  Request request(std::string_view options) const;

  /// Room for the next picture's pixels, as gray_of_rgba takes them. Throws mien::DataError for sizes that
  /// decode_gray refuses.
  std::uint8_t* pixels(mien::Index width, mien::Index height);
  /// Reads the picture in pixels(); `ms` is how long it took to get it there.
  mien::Json read(const Request& request, double ms);

 private:
  friend class Follower;
  struct Seen {
    mien::reader::Reading reading;
    double decode_ms = 0;
  };
  Request request_of(std::string_view options) const;
  Seen look(const Request& request, double ms);
  /// One for each kind of views, since views are a batch of their own size.
  mien::reader::FaceReader& reader(mien::image::Views views);

  mien::model::SafetensorsFile model_file_, detector_file_;
  std::unique_ptr<mien::model::SafetensorsFile> points_file_;
  mien::model::ModelFile model_;
  mien::reader::ModelIdentity identity_;
  std::map<mien::image::Views, mien::reader::FaceReader> readers_;
  std::vector<std::uint8_t> rgba_;
  mien::image::GrayImage gray_;
};

/// The faces of a video. Its reader has to outlive it.
class Follower {
 public:
  Follower(Reader& reader, Request request);

  /// The frame in the reader's pixels(), `time` in milliseconds from any start.
  mien::Json read(double time, double ms);

 private:
  Reader& reader_;
  Request request_;
  mien::reader::FaceFollower follower_;
  mien::reader::FrameRate rate_;
  std::int64_t frames_ = 0;
  double start_ = 0;
};

}  // namespace mien_web
