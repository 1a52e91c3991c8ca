#include "interrupt.hpp"

#include <signal.h>

namespace fertrain {
namespace {

volatile sig_atomic_t requested = 0;

void remember(int) {
  requested = 1;
}

}  // namespace

void watch_for_interrupt() {
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return requested != 0;
}

}  // namespace fertrain
