#include "video_device.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "mien/core/error.hpp"

namespace ferpredict::live {
namespace {

class DeviceFile final : public VideoDevice {
 public:
  explicit DeviceFile(int descriptor) : descriptor_(descriptor) {}
  ~DeviceFile() override { ::close(descriptor_); }

  int control(unsigned long request, void* argument) override {
    return ::ioctl(descriptor_, request, argument);
  }
  void* map(std::size_t length, std::int64_t offset) override {
    void* start = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, descriptor_, offset);
    return start == MAP_FAILED ? nullptr : start;
  }
  void unmap(void* start, std::size_t length) override { ::munmap(start, length); }
  int wait(int milliseconds) override {
    pollfd ready{descriptor_, POLLIN, 0};
    return ::poll(&ready, 1, milliseconds);
  }

 private:
  int descriptor_;
};

}  // namespace

std::unique_ptr<VideoDevice> open_video_device(const std::string& path) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  } while (descriptor == -1 && errno == EINTR);
  if (descriptor == -1) throw mien::DataError(path + ": " + std::generic_category().message(errno));
  return std::make_unique<DeviceFile>(descriptor);
}

}  // namespace ferpredict::live
