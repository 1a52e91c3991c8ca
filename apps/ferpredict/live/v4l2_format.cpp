#include "v4l2_format.hpp"

#if __has_include(<linux/videodev2.h>)

#include <linux/videodev2.h>

#include <cerrno>
#include <string>

#include "mien/core/text.hpp"
#include "mien/image/decode.hpp"

namespace ferpredict::live {
namespace {

using mien::Index;

/// What the driver makes of a wish: it changes what it cannot do.
v4l2_pix_format ask(V4l2Device& device, unsigned pixel_format, const CameraOptions& options) {
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

CameraFormat yuyv_format(const V4l2Device& device, const v4l2_pix_format& pixels) {
  CameraFormat format{.width = pixels.width, .height = pixels.height, .stride = pixels.bytesperline};
  const Index row = format.width * bytes_per_pixel(PixelFormat::yuyv422);
  if (format.stride == 0) format.stride = row;
  const mien::image::DecodeLimits limits;
  const bool sound = format.width > 0 && format.height > 0 && format.width <= limits.max_edge &&
                     format.height <= limits.max_edge && format.width * format.height <= limits.max_pixels &&
                     format.stride >= row;
  if (!sound) {
    device.fail("the camera wants to give " + std::to_string(format.width) + "x" +
                std::to_string(format.height) + " pixels in rows of " + std::to_string(format.stride) +
                " bytes");
  }
  return format;
}

}  // namespace

void check_is_camera(V4l2Device& device) {
  v4l2_capability capability{};
  if (!device.try_control(VIDIOC_QUERYCAP, capability)) device.fail("not a camera");
  const unsigned all = capability.capabilities;
  const unsigned own = (all & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps : all;
  if ((own & V4L2_CAP_VIDEO_CAPTURE) == 0) device.fail("a video device, but none that captures");
  if ((own & V4L2_CAP_STREAMING) == 0) device.fail("the camera does not stream");
}

CameraFormat negotiate(V4l2Device& device, const CameraOptions& options) {
  // Cameras give large pictures at a full rate only when they are compressed.
  if (ask(device, V4L2_PIX_FMT_MJPEG, options).pixelformat == V4L2_PIX_FMT_MJPEG) return {.jpeg = true};
  const v4l2_pix_format pixels = ask(device, V4L2_PIX_FMT_YUYV, options);
  if (pixels.pixelformat == V4L2_PIX_FMT_YUYV) return yuyv_format(device, pixels);
  device.fail("the camera gives neither MJPEG nor YUYV" +
              (pixels.pixelformat == 0 ? "" : " but " + four_characters(pixels.pixelformat)));
}

}  // namespace ferpredict::live

#endif
