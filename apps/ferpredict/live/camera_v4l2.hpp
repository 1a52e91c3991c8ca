// A camera by Video4Linux2, with buffers that the driver and this program share.
#pragma once

#include <memory>
#include <string>

#include "frame_source.hpp"
#include "video_device.hpp"

namespace ferpredict::live {

/// What open_camera does once the device is open. Agrees on a format, starts the stream, and stops it in the
/// destructor.
std::unique_ptr<FrameSource> start_camera(std::unique_ptr<VideoDevice> device, std::string name,
                                          const CameraOptions& options);

}  // namespace ferpredict::live
