// What the operating system has to do for a camera: an interface, so that tests can put another one in its
// place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace ferpredict::live {

/// Calls as POSIX has them: those that fail give what is said here and set errno.
class VideoDevice {
 public:
  VideoDevice() = default;
  VideoDevice(const VideoDevice&) = delete;
  VideoDevice& operator=(const VideoDevice&) = delete;
  virtual ~VideoDevice() = default;

  /// ioctl: -1 when it fails.
  virtual int control(unsigned long request, void* argument) = 0;
  /// mmap, shared, to read: a null pointer when it fails.
  virtual void* map(std::size_t length, std::int64_t offset) = 0;
  virtual void unmap(void* start, std::size_t length) = 0;
  /// poll for reading: 1 when there is something to read or an error to learn of, 0 after `milliseconds`, -1
  /// when it fails.
  virtual int wait(int milliseconds) = 0;
};

/// Opens the file, not waiting when nothing can be read. Throws mien::DataError.
std::unique_ptr<VideoDevice> open_video_device(const std::string& path);

}  // namespace ferpredict::live
