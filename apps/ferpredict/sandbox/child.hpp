// A process that decodes pictures (serve.hpp), as seen by the one it does that for.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "messages.hpp"
#include "wire.hpp"

namespace ferpredict::sandbox {

/// Of a process that was started and is yet to say that it is confined.
struct Started {
  pid_t id = 0;
  int channel = -1;  ///< this end, a socket
};

/// Gives what decodes a picture; throws std::system_error.
using Start = std::function<Started()>;

/// This program again, by its kServeWord: not a copy of this process, whose memory, secrets in its environment
/// and layout a picture would then know, and which threads make unsafe. Ctrl-C and Ctrl-Z in a terminal do not
/// reach it.
Started start_program();

/// What came of a picture: its pixels, or what is wrong.
struct Reply {
  std::optional<Pixels> picture;
  std::string error;
  bool goes_on = true;  ///< false: the process is of no use any more
};

/// Belongs to one thread at a time.
class Child {
 public:
  explicit Child(const Started& started) : id_(started.id), channel_(started.channel) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  /// Waits for the process to be confined. Why it cannot be, or nothing.
  std::string wait_until_ready();
  /// Whether it is there and has not said what nobody asked for.
  bool is_waiting() const;
  /// The file's picture, of `channels` values a pixel; not after `limit`.
  Reply ask(std::span<const std::uint8_t> bytes, std::uint64_t channels,
            const mien::image::DecodeLimits& limits, std::chrono::milliseconds limit);

 private:
  /// Ends the process, if it is there, and says what it has died of.
  std::string end();
  /// The same, for a picture that is lost with it.
  Reply lost(Sent how, std::chrono::milliseconds limit);

  pid_t id_;
  int channel_;
  std::uint64_t asked_ = 0;  // questions
};

}  // namespace ferpredict::sandbox
