#include "byte_source.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "common/interrupt.hpp"
#include "mien/core/error.hpp"

namespace ferpredict::live {
namespace {

class Descriptor final : public ByteSource {
 public:
  Descriptor(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  std::size_t read(std::span<std::uint8_t> out) override {
    for (;;) {
      const ssize_t count = ::read(descriptor_, out.data(), out.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        wait();
      } else if (errno != EINTR) {
        throw mien::DataError(name_ + ": " + std::generic_category().message(errno));
      }
      if (apps::interrupted()) return 0;
    }
  }

 private:
  /// Another program that has the same pipe or terminal may have set it to not wait by itself.
  void wait() const {
    pollfd ready{descriptor_, POLLIN, 0};
    ::poll(&ready, 1, -1);  // an error comes again when reading
  }

  int descriptor_;
  std::string name_;
};

}  // namespace

std::unique_ptr<ByteSource> read_descriptor_of(std::FILE* file, std::string name) {
  return std::make_unique<Descriptor>(::fileno(file), std::move(name));
}

}  // namespace ferpredict::live
