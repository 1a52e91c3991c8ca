#include "camera_v4l2.hpp"

#include "common/interrupt.hpp"
#include "mien/core/error.hpp"
#include "mien/core/stopwatch.hpp"

#if __has_include(<linux/videodev2.h>)

#include <linux/videodev2.h>

#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include "jpeg_frame.hpp"
#include "mien/core/text.hpp"
#include "v4l2_device.hpp"
#include "v4l2_format.hpp"

namespace ferpredict::live {
namespace {

using mien::Index;
using Clock = std::chrono::steady_clock;

// One is decoded while the others are filled.
constexpr unsigned kBuffers = 4;

v4l2_buffer buffer_of(unsigned index = 0) {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = index;
  return buffer;
}

class Camera final : public FrameSource {
 public:
  Camera(std::unique_ptr<VideoDevice> device, std::string name, const CameraOptions& options)
      : device_(std::move(device), std::move(name)),
        timeout_(options.timeout),
        color_(options.color),
        decoder_(*options.decoder) {
    check_is_camera(device_);
    format_ = negotiate(device_, options);
    map_buffers();
    for (unsigned i = 0; i < buffers_.size(); ++i) queue(i);
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    device_.control(VIDIOC_STREAMON, type, "cannot start the stream");
  }

  ~Camera() override {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    device_.try_control(VIDIOC_STREAMOFF, type);  // closing stops it, too
  }

  std::optional<Frame> next() override {
    if (failed_) return std::nullopt;
    failed_ = true;
    const v4l2_buffer newest = wait_for_newest();
    failed_ = false;
    ++number_;
    const Requeue requeue{*this, newest.index};
    return decode(buffers_[newest.index].bytes().first(newest.bytesused));
  }

 private:
  /// Gives the driver its buffer back, also when the frame in it cannot be decoded.
  struct Requeue {
    Camera& camera;
    unsigned index;
    ~Requeue() {
      // Should it fail, the buffers run out, and next() says that no frame comes.
      v4l2_buffer buffer = buffer_of(index);
      camera.device_.try_control(VIDIOC_QBUF, buffer);
    }
  };

  void map_buffers() {
    v4l2_requestbuffers request{};
    request.count = kBuffers;
    request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    request.memory = V4L2_MEMORY_MMAP;
    device_.control(VIDIOC_REQBUFS, request, "cannot get buffers");
    if (request.count < 2) device_.fail("the camera has too few buffers");
    buffers_.reserve(request.count);
    for (unsigned i = 0; i < request.count; ++i) {
      v4l2_buffer buffer = buffer_of(i);
      device_.control(VIDIOC_QUERYBUF, buffer, "cannot get a buffer");
      buffers_.emplace_back(device_, buffer.length, buffer.m.offset);
    }
  }

  void queue(unsigned index) {
    v4l2_buffer buffer = buffer_of(index);
    device_.control(VIDIOC_QBUF, buffer, "cannot give a buffer back");
  }

  /// A frame, with its buffer taken from the driver.
  v4l2_buffer wait_for_newest() {
    const Clock::time_point deadline = Clock::now() + timeout_;
    bool may_be_old = true;
    for (;;) {
      wait_until(deadline);
      std::size_t ready = 0;
      const std::optional<v4l2_buffer> newest = take_newest(ready);
      if (!newest) continue;
      // When all were full, the driver had none for what came later: the next frame will be newer.
      if (ready < buffers_.size() || !std::exchange(may_be_old, false)) return *newest;
      queue(newest->index);
    }
  }

  void wait_until(Clock::time_point deadline) {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      const int result = left.count() <= 0 ? 0 : device_.calls().wait(static_cast<int>(left.count()));
      if (result > 0) return;
      if (result == 0) {
        const double seconds = std::chrono::duration<double>(timeout_).count();
        device_.fail("no frame within " + mien::format_number(seconds) + " s");
      }
      if (errno != EINTR) device_.fail_errno("cannot wait for a frame");
      if (apps::interrupted()) device_.fail("interrupted");
    }
  }

  /// Takes all the full buffers and gives all but the newest sound one back; counts them.
  std::optional<v4l2_buffer> take_newest(std::size_t& ready) {
    std::optional<v4l2_buffer> newest;
    for (; ready < buffers_.size(); ++ready) {
      v4l2_buffer buffer = buffer_of();
      if (!device_.try_control(VIDIOC_DQBUF, buffer)) {
        if (errno == EAGAIN) break;
        device_.fail_errno("cannot get a frame");
      }
      if (buffer.index >= buffers_.size()) device_.fail("the camera gives a buffer that it does not have");
      if (!sound(buffer)) {
        queue(buffer.index);
        continue;
      }
      if (newest) queue(newest->index);
      newest = buffer;
    }
    return newest;
  }

  bool sound(const v4l2_buffer& buffer) const {
    return (buffer.flags & V4L2_BUF_FLAG_ERROR) == 0 && buffer.bytesused > 0 &&
           buffer.bytesused <= buffers_[buffer.index].bytes().size();
  }

  Frame decode(std::span<const std::uint8_t> bytes) const {
    const std::string place = device_.name() + ": frame " + std::to_string(number_);
    if (format_.jpeg) return decode_jpeg_frame(bytes, place, color_, decoder_);
    const Index row = format_.width * bytes_per_pixel(PixelFormat::yuyv422);
    const auto needed = static_cast<std::size_t>(format_.stride * (format_.height - 1) + row);
    if (bytes.size() < needed) {
      throw mien::DataError(place + ": ends after " + std::to_string(bytes.size()) + " of " +
                            std::to_string(needed) + " bytes");
    }
    mien::Stopwatch watch;
    Frame frame;
    frame.image = to_gray(bytes, PixelFormat::yuyv422, format_.width, format_.height, format_.stride);
    frame.decode_ms = watch.lap_ms();
    if (color_) {
      frame.color = to_rgb(bytes, PixelFormat::yuyv422, format_.width, format_.height, format_.stride);
    }
    return frame;
  }

  V4l2Device device_;
  std::chrono::milliseconds timeout_;
  bool color_;
  PictureDecoder& decoder_;
  CameraFormat format_;
  std::vector<MappedBuffer> buffers_;
  std::int64_t number_ = 0;  // of the frame
  bool failed_ = false;
};

void check(const CameraOptions& options) {
  const Index most = mien::image::DecodeLimits().max_edge;
  if (options.width < 1 || options.height < 1 || options.width > most || options.height > most) {
    throw mien::ArgumentError("[camera] " + std::to_string(options.width) + "x" +
                              std::to_string(options.height) + " pixels, expected edges of 1 to " +
                              std::to_string(most));
  }
  if (options.timeout < std::chrono::milliseconds(1) || options.timeout > std::chrono::hours(1)) {
    throw mien::ArgumentError("[camera] timeout is " + std::to_string(options.timeout.count()) +
                              " ms, expected 1 to 3600000");
  }
}

}  // namespace

std::unique_ptr<FrameSource> start_camera(std::unique_ptr<VideoDevice> device, std::string name,
                                          const CameraOptions& options) {
  check(options);
  return std::make_unique<Camera>(std::move(device), std::move(name), options);
}

std::unique_ptr<FrameSource> open_camera(const std::string& path, const CameraOptions& options) {
  check(options);
  return start_camera(open_video_device(path), path, options);
}

}  // namespace ferpredict::live

#else

namespace ferpredict::live {

std::unique_ptr<FrameSource> start_camera(std::unique_ptr<VideoDevice>, std::string name,
                                          const CameraOptions&) {
  throw mien::DataError(name + ": cameras are read on Linux only");
}

std::unique_ptr<FrameSource> open_camera(const std::string& path, const CameraOptions& options) {
  return start_camera(nullptr, path, options);
}

}  // namespace ferpredict::live

#endif
