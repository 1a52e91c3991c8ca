#include "common/interrupt.hpp"

#include <signal.h>

#include <initializer_list>

namespace apps {
namespace {

volatile sig_atomic_t requested = 0;

void remember(int) {
  requested = 1;
}

// Who started the program may have asked for a signal to be ignored: a shell for what runs in the background,
// nohup.
void watch(int signal, const struct sigaction& action) {
  struct sigaction before = {};
  if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_for_interrupt(WaitingCalls calls) {
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | (calls == WaitingCalls::restart ? SA_RESTART : 0);
  for (const int signal : {SIGINT, SIGTERM}) watch(signal, action);
  action.sa_flags &= ~static_cast<int>(SA_RESETHAND);  // a shell that ends sends one, the kernel another
  watch(SIGHUP, action);
}

bool interrupted() {
  return requested != 0;
}

}  // namespace apps
