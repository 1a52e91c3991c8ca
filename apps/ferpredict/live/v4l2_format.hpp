// What a camera of Video4Linux2 and this program agree on before the first frame.
#pragma once

#include "frame_source.hpp"
#include "v4l2_device.hpp"

namespace ferpredict::live {

struct CameraFormat {
  bool jpeg = false;
  mien::Index width = 0, height = 0;
  mien::Index stride = 0;  ///< bytes from one row to the next, where it is not JPEG
};

/// Throws mien::DataError for what is no camera that streams.
void check_is_camera(V4l2Device& device);

/// Sets the format: MJPEG or else YUYV. Throws mien::DataError when the camera gives neither.
CameraFormat negotiate(V4l2Device& device, const CameraOptions& options);

}  // namespace ferpredict::live
