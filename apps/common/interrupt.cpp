#include "common/interrupt.hpp"

#include <signal.h>

namespace apps {
namespace {

volatile sig_atomic_t requested = 0;

void remember(int) {
  requested = 1;
}

}  // namespace

void watch_for_interrupt(WaitingCalls calls) {
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | (calls == WaitingCalls::restart ? SA_RESTART : 0);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return requested != 0;
}

}  // namespace apps
