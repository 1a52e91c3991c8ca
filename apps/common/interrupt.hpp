// Ctrl-C, SIGTERM and a closed terminal (SIGHUP) ask for a stop when it suits the program; a second Ctrl-C or
// SIGTERM ends it at once. Signals that are ignored when the program starts stay so.
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
