#include "follow.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "annotated_stream.hpp"
#include "common/exit_codes.hpp"
#include "common/interrupt.hpp"
#include "ferpredict/drawing.hpp"
#include "ferpredict/images.hpp"
#include "ferpredict/make_reader.hpp"
#include "ferpredict/output_context.hpp"
#include "ferpredict/replaced.hpp"
#include "frame_source.hpp"
#include "frame_text.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/reader/face_follower.hpp"
#include "mien/reader/face_reader.hpp"
#include "mien/reader/frame_rate.hpp"
#include "write_whole.hpp"

namespace ferpredict::live {
namespace {

using mien::reader::FaceFollower;

constexpr int kDecimals = 6;  // of seconds and of frames a second

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// None when the program is interrupted while it waits for who writes into a pipe.
File open_file(const std::string& path) {
  if (path == "-") return File(stdin);
  File file(std::fopen(path.c_str(), "rb"));
  if (!file && errno == EINTR && apps::interrupted()) return nullptr;
  if (!file) throw mien::DataError(path + ": " + std::generic_category().message(errno));
  return file;
}

// When frames are, from the first one on: by the clock, or at a rate that was given.
class Timeline {
 public:
  explicit Timeline(double rate) : rate_(rate) {}

  /// The time of frame `number`, counted from 1, in seconds; after that of the frame before.
  double time_of(std::int64_t number) {
    const double now = elapsed();
    if (rate_ > 0) return static_cast<double>(number - 1) / rate_;
    return last_ = std::max(now, std::nextafter(last_, HUGE_VAL));
  }
  /// Seconds since this or a time was first asked for.
  double elapsed() {
    const Clock::time_point now = Clock::now();
    if (!start_) start_ = now;
    return std::chrono::duration<double>(now - *start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  double rate_;
  double last_ = -1;
  std::optional<Clock::time_point> start_;
};

void print_line(const std::string& line) {
  write_whole(STDOUT_FILENO, line, "stdout");
}

// Before the file is emptied.
void refuse_to_draw_over_source(const Arguments& a, const std::vector<Model>& models) {
  if (a.draw.empty() || a.draw == kStdin) return;
  Sources sources = sources_of(a, models, {});
  const std::string& stream = a.live.camera.empty() ? a.live.frames : a.live.camera;
  const bool from_stdin = stream == kStdin;
  if (const auto number = from_stdin ? apps::file_number(STDIN_FILENO) : apps::file_number(stream)) {
    sources.emplace(*number, from_stdin ? "what stdin reads" : stream);
  }
  refuse_to_replace(sources, "--draw " + a.draw, {a.draw}, "file");
}

class Follower {
 public:
  Follower(const Arguments& a, const std::vector<Model>& models)
      : context_(output_context(a, models[0].file)),
        reader_(make_reader(a, models, false)),
        follower_(a.live.smoothing),
        timeline_(a.live.rate),
        name_(a.live.camera.empty() ? a.live.frames : a.live.camera),
        text_(a.live.text),
        silent_(a.draw == kStdin),
        points_(a.draw_points) {
    if (!a.draw.empty()) drawing_.emplace(a.draw);
  }

  /// False at the end of the stream, and when the program is interrupted while it waits.
  bool step(FrameSource& source) {
    ++number_;
    mien::Json line;
    line.set("frame", number_);
    std::optional<Frame> frame;
    try {
      frame = source.next();
      if (!frame) return false;
    } catch (const mien::DataError& error) {
      if (apps::interrupted()) return false;
      apps::print_error(error.what());
      line.set("error", json_text(error.what()));
      all_decoded_ = false;
    }
    if (frame) look_at(*frame, line);
    if (!silent_ && !text_) print_line(mien::to_json(line, {.ascii = !context_.utf8}) + "\n");
    return true;
  }

  bool finish() {
    const double seconds = looked_at_ == 0 ? 0 : timeline_.elapsed();
    std::string line =
        name_ + ": " + std::to_string(looked_at_) + " frames in " + mien::format_fixed(seconds, 2) + " s";
    if (seconds > 0) {
      line += ", " + mien::format_fixed(static_cast<double>(looked_at_) / seconds, 1) + " a second";
    }
    apps::print_error(line);
    return all_decoded_;
  }

 private:
  void look_at(Frame& frame, mien::Json& line) {
    const double time = timeline_.time_of(number_);
    ++looked_at_;
    Prediction prediction{
        reader_.read(frame.image, name_ + ": frame " + std::to_string(number_)), {}, {}, frame.decode_ms};
    const std::vector<FaceFollower::Followed> shown = follower_.update(prediction.faces, time);
    if (drawing_) draw(frame.color, prediction, shown);
    if (text_ && !silent_) {
      const std::string changed = frame_text_.line(time, prediction, shown, context_);
      if (!changed.empty()) print_line(changed);
    }
    mien::Json faces{mien::Json::Array{}};
    for (std::size_t i = 0; i < shown.size(); ++i) {
      faces.append(mien::reader::followed_face_json(prediction.faces[i], shown[i], context_));
    }
    line.set("time", mien::reader::rounded(time, kDecimals));
    line.set("detector", mien::reader::detector_name(prediction));
    line.set("faces", std::move(faces));
    line.set("ms", mien::reader::times_json(prediction, prediction.decode_ms));
    const std::optional<double> fps = speed_.update(timeline_.elapsed());
    line.set("fps", fps ? mien::Json(mien::reader::rounded(*fps, kDecimals)) : mien::Json());
  }

  void draw(mien::image::RgbImage& image, const Prediction& prediction,
            const std::vector<FaceFollower::Followed>& shown) {
    std::vector<std::size_t> named;
    for (const FaceFollower::Followed& face : shown) named.push_back(face.expression);
    draw_faces(image, prediction, context_, points_, named);
    drawing_->write(image);
  }

  OutputContext context_;
  mien::reader::FaceReader reader_;
  FaceFollower follower_;
  Timeline timeline_;
  mien::reader::FrameRate speed_;
  std::string name_;
  bool text_;    // lines for people instead of JSON
  bool silent_;  // stdout has the pictures
  bool points_;
  FrameText frame_text_;
  std::optional<AnnotatedStream> drawing_;
  std::int64_t number_ = 0;     // of the frame
  std::int64_t looked_at_ = 0;  // frames that could be decoded
  bool all_decoded_ = true;
};

}  // namespace

bool follow(const Arguments& a, const std::vector<Model>& models, PictureDecoder& decoder) {
  for (const Model& model : models) {
    if (model.file.spec.channels == 1) continue;
    throw mien::DataError(model.path + ": takes colors, and frames are read in gray");
  }
  apps::watch_for_interrupt(apps::WaitingCalls::fail);
  refuse_to_draw_over_source(a, models);
  Follower follower(a, models);
  const bool color = !a.draw.empty();
  File file;
  std::unique_ptr<FrameSource> source;
  if (a.live.camera.empty()) {
    file = open_file(a.live.frames);
    if (!file) return follower.finish();
    source = open_stream(file.get(), a.live.format, a.live.frames, color, decoder);
  } else {
    CameraOptions options = a.live.camera_options;
    options.color = color;
    options.decoder = &decoder;
    source = open_camera(a.live.camera, options);
  }
  while (!apps::interrupted() && follower.step(*source)) {
  }
  return follower.finish();
}

}  // namespace ferpredict::live
