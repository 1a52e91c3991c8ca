// Where pictures that follow one another in time come from: a stream of bytes, or a camera.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "ferpredict/picture_decoder.hpp"
#include "mien/core/shape.hpp"
#include "mien/image/image.hpp"
#include "pixels.hpp"

namespace ferpredict::live {

struct Frame {
  mien::image::GrayImage image;
  mien::image::RgbImage color =
      {};                ///< the same picture, of sources that are asked for it; else without pixels
  double decode_ms = 0;  ///< from the frame's bytes to the picture; waiting for them is not in it
};

class FrameSource {
 public:
  FrameSource() = default;
  FrameSource(const FrameSource&) = delete;
  FrameSource& operator=(const FrameSource&) = delete;
  virtual ~FrameSource() = default;

  /// Waits for the next frame; nothing at the end of the stream. Throws mien::DataError, e.g.
  /// `-: frame 17: truncated JPEG`, when it cannot be decoded: the next call gives the frame behind it. Frames
  /// are counted from 1, those that throw included. When the source itself fails (`-: Input/output error`,
  /// `/dev/video0: no frame within 5 s`), it throws, too, and is not asked again.
  virtual std::optional<Frame> next() = 0;
};

/// JPEG files one behind the other, with or without other bytes between them: what `ffmpeg -f mjpeg -` writes,
/// and the multipart/x-mixed-replace of network cameras.
struct MjpegFormat {};

/// Frames of one size, without anything between them: what `ffmpeg -f rawvideo -` writes.
struct RawFormat {
  PixelFormat pixels = PixelFormat::gray8;
  mien::Index width = 0;   ///< pixels, 1 .. 8192; even for yuyv422
  mien::Index height = 0;  ///< pixels, 1 .. 8192
};

using StreamFormat = std::variant<MjpegFormat, RawFormat>;

/// The frames of `file`, of which nothing may have been read before: its descriptor is read, not its buffer.
/// A frame is given as soon as its last byte is there. `file` stays open and must outlive the source; `name` is
/// used in messages. Every frame is given: who reads too slowly makes the writer wait.
/// Throws mien::ArgumentError for a size out of its range or of more than 2^25 pixels.
/// With `color` frames have that, too. `decoder`, of JPEGs, must outlive the source.
std::unique_ptr<FrameSource> open_stream(std::FILE* file, const StreamFormat& format, std::string name = "-",
                                         bool color = false, PictureDecoder& decoder = plain_decoder());

/// The size is a wish: the camera takes the nearest that it has.
struct CameraOptions {
  mien::Index width = 640;                     ///< pixels, 1 .. 8192
  mien::Index height = 480;                    ///< pixels, 1 .. 8192
  std::chrono::milliseconds timeout{5'000};    ///< how long next() waits for a frame, 1 ms .. 1 h
  bool color = false;                          ///< frames have that, too
  PictureDecoder* decoder = &plain_decoder();  ///< of MJPEG
};

/// A camera of Linux (Video4Linux2) such as /dev/video0, giving MJPEG or else YUYV. next() gives the newest
/// frame; older ones are dropped, and so are those the driver marks as damaged.
/// Throws mien::ArgumentError for options out of their range; mien::DataError `<path>: <what>` for what cannot
/// be opened, is no camera or gives neither format, and on other systems.
std::unique_ptr<FrameSource> open_camera(const std::string& path, const CameraOptions& options = {});

}  // namespace ferpredict::live
