// A VideoDevice whose failures are exceptions, and its buffers.
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "mien/core/error.hpp"
#include "video_device.hpp"

namespace ferpredict::live {

/// `name` begins every message.
class V4l2Device {
 public:
  V4l2Device(std::unique_ptr<VideoDevice> device, std::string name)
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
  MappedBuffer(V4l2Device& device, std::size_t length, std::int64_t offset)
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
  V4l2Device* device_;
  void* start_;
  std::size_t length_;
};

}  // namespace ferpredict::live
