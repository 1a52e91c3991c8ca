#include "live_arguments.hpp"

#include <CLI/CLI.hpp>

#include "common/number_range.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace ferpredict {
namespace {

struct Size {
  mien::Index width, height;
};

Size size_of(const std::string& text) {
  const std::size_t x = text.find('x');
  const auto number = [&](std::size_t begin, std::size_t count) {
    return mien::parse_index(std::string_view(text).substr(begin, count)).value_or(0);
  };
  const Size size = x == std::string::npos ? Size{0, 0} : Size{number(0, x), number(x + 1, std::string::npos)};
  if (size.width < 1 || size.height < 1) {
    throw mien::ArgumentError("--frame-size " + mien::quote(text) + ": expected WIDTHxHEIGHT, e.g. 640x480");
  }
  return size;
}

live::PixelFormat pixels_of(const std::string& name) {
  if (name == "gray8") return live::PixelFormat::gray8;
  return name == "rgb24" ? live::PixelFormat::rgb24 : live::PixelFormat::yuyv422;
}

}  // namespace

void add_live_options(CLI::App& app, RawLiveOptions& raw) {
  LiveOptions& o = raw.options;
  const std::string group =
      "Cameras and streams: a line of JSON a frame, or with --text a line when something changes";
  CLI::Option* camera =
      app.add_option("--camera", o.camera, "Read frames from a camera, e.g. /dev/video0 (Video4Linux2)")
          ->check(apps::not_empty())
          ->type_name("DEVICE")
          ->group(group);
  CLI::Option* frames =
      app.add_option("--frames", o.frames,
                     "Read frames from a file or, with -, from stdin: what `ffmpeg -f mjpeg -` or "
                     "`-f rawvideo -` writes")
          ->check(apps::not_empty())
          ->type_name("FILE")
          ->group(group)
          ->excludes(camera);
  app.add_option("--frame-format", raw.frame_format, "Of --frames: mjpeg, or without compression")
      ->check(CLI::IsMember({"mjpeg", "gray8", "yuyv422", "rgb24"}))
      ->capture_default_str()
      ->needs(frames)
      ->group(group);
  app.add_option("--frame-size", raw.frame_size,
                 "Of --frames without compression; of --camera the size to ask for, 640x480 by default")
      ->type_name("WIDTHxHEIGHT")
      ->group(group);
  app.add_option("--frame-rate", o.rate, "Frames a second of --frames. Default: as they arrive")
      ->check(apps::number_range(0.001, 1000))
      ->needs(frames)
      ->group(group);
  app.add_option("--smooth", o.smoothing.time_constant,
                 "Seconds over which probabilities are averaged; 0: not at all")
      ->check(apps::number_range(0, 60))
      ->capture_default_str()
      ->group(group);
  app.add_option("--hold", o.smoothing.hold, "Seconds another expression must lead before it is shown")
      ->check(apps::number_range(0, 60))
      ->capture_default_str()
      ->group(group);
}

LiveOptions live_options(const RawLiveOptions& raw) {
  LiveOptions options = raw.options;
  const bool is_raw = raw.frame_format != "mjpeg";
  if (is_raw && raw.frame_size.empty()) {
    throw mien::ArgumentError("--frame-format " + raw.frame_format + " requires --frame-size");
  }
  if (raw.frame_size.empty()) return options;
  const Size size = size_of(raw.frame_size);
  if (is_raw) {
    options.format = live::RawFormat{pixels_of(raw.frame_format), size.width, size.height};
  } else if (!options.camera.empty()) {
    options.camera_options.width = size.width;
    options.camera_options.height = size.height;
  } else {
    throw mien::ArgumentError("--frame-size goes with --camera or a --frame-format other than mjpeg");
  }
  return options;
}

}  // namespace ferpredict
