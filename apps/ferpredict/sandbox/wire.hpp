// Bytes to and from a process that may do with them what it wants, within a time.
#pragma once

#include <chrono>
#include <cstddef>

namespace ferpredict::sandbox {

using Clock = std::chrono::steady_clock;

enum class Sent {
  all,
  closed,  ///< the other side is gone
  late,
};

/// Neither waits beyond the deadline while nothing moves.
Sent send_all(int socket, const void* bytes, std::size_t count, Clock::time_point deadline);
Sent receive_all(int socket, void* to, std::size_t count, Clock::time_point deadline);

}  // namespace ferpredict::sandbox
