#include "common/interrupt.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"

namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

void (*handler_of(int signal))(int) {
  struct sigaction now = {};
  sigaction(signal, nullptr, &now);
  return now.sa_handler;
}

}  // namespace

TEST_CASE("interruptions are watched for, but not those that are ignored already") {
  void (*before[])(int) = {SIG_DFL, SIG_DFL, SIG_DFL};
  for (std::size_t i = 0; i < 3; ++i) before[i] = ::signal(kSignals[i], SIG_DFL);
  ::signal(SIGHUP, SIG_IGN);  // as nohup does
  apps::watch_for_interrupt(apps::WaitingCalls::restart);
  CHECK(handler_of(SIGINT) != SIG_DFL);
  CHECK(handler_of(SIGTERM) != SIG_DFL);
  CHECK(handler_of(SIGHUP) == SIG_IGN);
  ::signal(SIGHUP, SIG_DFL);
  apps::watch_for_interrupt(apps::WaitingCalls::restart);
  const pid_t child = ::fork();  // for it alone
  if (child == 0) {
    bool good = !apps::interrupted();
    for (int i = 0; i < 3; ++i) ::raise(SIGHUP);
    ::_exit(good && apps::interrupted() ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  for (std::size_t i = 0; i < 3; ++i) ::signal(kSignals[i], before[i]);
}
