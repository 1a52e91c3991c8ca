#include "write_whole.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "common/interrupt.hpp"
#include "mien/core/error.hpp"

namespace ferpredict::live {
namespace {

// Whether so few bytes as a pipe takes at once can be written now, or within a second.
bool is_taken(int descriptor) {
  constexpr int kMilliseconds = 1000;
  pollfd writable = {.fd = descriptor, .events = POLLOUT, .revents = 0};
  return ::poll(&writable, 1, kMilliseconds) > 0;
}

}  // namespace

void write_whole(int descriptor, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const bool stopping = apps::interrupted();
    if (stopping && !is_taken(descriptor)) return;
    const std::size_t count = stopping ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
    const ssize_t written = ::write(descriptor, bytes.data(), count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw mien::DataError("[write] " + name + ": cannot write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace ferpredict::live
