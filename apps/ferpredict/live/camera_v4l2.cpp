#include "camera_v4l2.hpp"

#include "mien/core/error.hpp"

#if __has_include(<linux/videodev2.h>)

#include <linux/videodev2.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "jpeg_frame.hpp"
#include "mien/core/text.hpp"

namespace ferpredict::live {
namespace {

using mien::Index;
using Clock = std::chrono::steady_clock;

// One is decoded while the others are filled.
constexpr unsigned kBuffers = 4;

/// A device whose failures are exceptions.
class Device {
 public:
  Device(std::unique_ptr<VideoDevice> device, std::string name)
      : device_(std::move(device)), name_(std::move(name)) {}

  [[noreturn]] void fail(const std::string& problem) const { throw mien::DataError(name_ + ": " + problem); }
  [[noreturn]] void fail_errno(const std::string& action) const {
    fail(action + ": " + std::generic_category().message(errno));
  }

  /// False when it fails, with errno.
  template <typename Argument>
  bool try_control(unsigned long request, Argument& argument) {
    int result = 0;
    do {
      result = device_->control(request, &argument);
    } while (result == -1 && errno == EINTR);
    return result != -1;
  }
  template <typename Argument>
  void control(unsigned long request, Argument& argument, const char* action) {
    if (!try_control(request, argument)) fail_errno(action);
  }

  const std::string& name() const { return name_; }
  VideoDevice& calls() { return *device_; }

 private:
  std::unique_ptr<VideoDevice> device_;
  std::string name_;
};

/// A buffer of the driver's, mapped here.
class MappedBuffer {
 public:
  MappedBuffer(Device& device, std::size_t length, std::int64_t offset)
      : device_(&device), start_(device.calls().map(length, offset)), length_(length) {
    if (start_ == nullptr) device.fail_errno("cannot map a buffer");
  }
  MappedBuffer(MappedBuffer&& other) noexcept
      : device_(other.device_), start_(std::exchange(other.start_, nullptr)), length_(other.length_) {}
  MappedBuffer& operator=(MappedBuffer&&) = delete;
  ~MappedBuffer() {
    if (start_ != nullptr) device_->calls().unmap(start_, length_);
  }

  std::span<const std::uint8_t> bytes() const { return {static_cast<const std::uint8_t*>(start_), length_}; }

 private:
  Device* device_;
  void* start_;
  std::size_t length_;
};

/// What the camera and this program have agreed on.
struct Format {
  bool jpeg = false;
  Index width = 0, height = 0;
  Index stride = 0;  ///< bytes from one row to the next, where it is not JPEG
};

v4l2_buffer buffer_of(unsigned index = 0) {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = index;
  return buffer;
}

void check_is_camera(Device& device) {
  v4l2_capability capability{};
  if (!device.try_control(VIDIOC_QUERYCAP, capability)) device.fail("not a camera");
  const unsigned all = capability.capabilities;
  const unsigned own = (all & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps : all;
  if ((own & V4L2_CAP_VIDEO_CAPTURE) == 0) device.fail("a video device, but none that captures");
  if ((own & V4L2_CAP_STREAMING) == 0) device.fail("the camera does not stream");
}

/// What the driver makes of a wish: it changes what it cannot do.
v4l2_pix_format ask(Device& device, unsigned pixel_format, const CameraOptions& options) {
  v4l2_format format{};
  format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  format.fmt.pix.width = static_cast<unsigned>(options.width);
  format.fmt.pix.height = static_cast<unsigned>(options.height);
  format.fmt.pix.pixelformat = pixel_format;
  format.fmt.pix.field = V4L2_FIELD_ANY;
  if (!device.try_control(VIDIOC_S_FMT, format)) {
    // Some drivers refuse a format instead of changing it.
    if (errno != EINVAL) device.fail_errno("cannot set the format");
    format.fmt.pix.pixelformat = 0;
  }
  return format.fmt.pix;
}

std::string four_characters(unsigned pixel_format) {
  std::string text;
  for (unsigned shift = 0; shift < 32; shift += 8) text += static_cast<char>(pixel_format >> shift & 0xff);
  return mien::quote(text);
}

Format yuyv_format(const Device& device, const v4l2_pix_format& pixels) {
  Format format{.width = pixels.width, .height = pixels.height, .stride = pixels.bytesperline};
  const Index row = format.width * bytes_per_pixel(PixelFormat::yuyv422);
  if (format.stride == 0) format.stride = row;
  const mien::image::DecodeLimits limits;
  const bool sound = format.width > 0 && format.height > 0 && format.width <= limits.max_edge &&
                     format.height <= limits.max_edge && format.stride >= row;
  if (!sound) {
    device.fail("the camera wants to give " + std::to_string(format.width) + "x" +
                std::to_string(format.height) + " pixels in rows of " + std::to_string(format.stride) +
                " bytes");
  }
  return format;
}

Format negotiate(Device& device, const CameraOptions& options) {
  // Cameras give large pictures at a full rate only when they are compressed.
  if (ask(device, V4L2_PIX_FMT_MJPEG, options).pixelformat == V4L2_PIX_FMT_MJPEG) return {.jpeg = true};
  const v4l2_pix_format pixels = ask(device, V4L2_PIX_FMT_YUYV, options);
  if (pixels.pixelformat == V4L2_PIX_FMT_YUYV) return yuyv_format(device, pixels);
  device.fail("the camera gives neither MJPEG nor YUYV" +
              (pixels.pixelformat == 0 ? "" : " but " + four_characters(pixels.pixelformat)));
}

class Camera final : public FrameSource {
 public:
  Camera(std::unique_ptr<VideoDevice> device, std::string name, const CameraOptions& options)
      : device_(std::move(device), std::move(name)), timeout_(options.timeout) {
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
    if (format_.jpeg) return decode_jpeg_frame(bytes, place);
    const Index row = format_.width * bytes_per_pixel(PixelFormat::yuyv422);
    const auto needed = static_cast<std::size_t>(format_.stride * (format_.height - 1) + row);
    if (bytes.size() < needed) {
      throw mien::DataError(place + ": ends after " + std::to_string(bytes.size()) + " of " +
                            std::to_string(needed) + " bytes");
    }
    const auto start = Clock::now();
    Frame frame;
    frame.image = to_gray(bytes, PixelFormat::yuyv422, format_.width, format_.height, format_.stride);
    frame.decode_ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    return frame;
  }

  Device device_;
  std::chrono::milliseconds timeout_;
  Format format_;
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
