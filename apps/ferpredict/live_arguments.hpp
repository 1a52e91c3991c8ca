// The part of ferpredict's command line about cameras and streams.
#pragma once

#include <string>
#include <variant>

#include "live/frame_source.hpp"
#include "mien/reader/smoothing.hpp"

namespace CLI {
class App;
}

namespace ferpredict {

struct LiveOptions {
  std::string camera;  ///< the device; empty: none
  std::string frames;  ///< a file with the frames of a stream, "-" for stdin; empty: none
  live::StreamFormat format;
  live::CameraOptions camera_options;
  double rate = 0;  ///< frames a second of the stream; 0: by the clock
  mien::reader::SmoothingOptions smoothing;
  bool text = false;  ///< lines for people instead of JSON

  bool given() const { return !camera.empty() || !frames.empty(); }
  /// Whether frames may be JPEGs.
  bool compressed() const { return given() && std::holds_alternative<live::MjpegFormat>(format); }
};

/// As the command line gives it.
struct RawLiveOptions {
  std::string frame_format = "mjpeg";
  std::string frame_size;
  LiveOptions options;
};

void add_live_options(CLI::App& app, RawLiveOptions& raw);

/// Throws mien::ArgumentError for a size that is none or missing.
LiveOptions live_options(const RawLiveOptions& raw);

}  // namespace ferpredict
