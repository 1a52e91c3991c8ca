#include "wire.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace ferpredict::sandbox {
namespace {

constexpr std::chrono::seconds kGrace{2};

/// False when the time is over and nothing has come: after the process itself has been stopped for a while,
/// what is there is taken nevertheless.
bool wait_for(int socket, short event, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wanted = {.fd = socket, .events = event, .revents = 0};
    const int ready = poll(&wanted, 1, static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000)));
    if (ready > 0) return true;
    if (ready == 0 && left <= 0) return false;
    if (ready < 0 && errno != EINTR) return false;
  }
}

template <typename Call, typename Byte>
Sent transfer(Call call, int socket, short event, Byte* bytes, std::size_t count, Clock::time_point deadline) {
  // Set when the time is seen to be over: who sends byte after byte has no more of it than others.
  std::optional<Clock::time_point> last;
  while (count > 0) {
    if (const Clock::time_point now = Clock::now(); now > deadline) {
      if (!last) last = now + kGrace;
      if (now > *last) return Sent::late;
    }
    const ssize_t done = call(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done > 0) {
      bytes += done;
      count -= static_cast<std::size_t>(done);
    } else if (done < 0 && errno == EAGAIN) {
      if (!wait_for(socket, event, deadline)) return Sent::late;
    } else if (done == 0 || errno != EINTR) {
      return Sent::closed;
    }
  }
  return Sent::all;
}

}  // namespace

Sent send_all(int socket, const void* bytes, std::size_t count, Clock::time_point deadline) {
  return transfer(::send, socket, POLLOUT, static_cast<const char*>(bytes), count, deadline);
}

Sent receive_all(int socket, void* to, std::size_t count, Clock::time_point deadline) {
  return transfer(::recv, socket, POLLIN, static_cast<char*>(to), count, deadline);
}

}  // namespace ferpredict::sandbox
