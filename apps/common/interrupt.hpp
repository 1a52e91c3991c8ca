// Ctrl-C and SIGTERM ask for a stop when it suits the program; a second one ends it at once.
#pragma once

namespace apps {

/// What becomes of a system call that waits when the signal comes.
enum class WaitingCalls {
  restart,  ///< it goes on waiting
  fail,     ///< with EINTR
};

void watch_for_interrupt(WaitingCalls calls);
bool interrupted();

}  // namespace apps
