// A copy of the process made by fork() has one thread, whatever the original's pool was doing.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "mien/core/memory.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/tensor.hpp"
#include "support/catch.hpp"
#include "support/thread_count_guard.hpp"

#if defined(__SANITIZE_THREAD__)
#define MIEN_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MIEN_THREAD_SANITIZER
#endif
#endif

namespace {

constexpr unsigned kPatience = 20;  // seconds, after which a child that hangs is ended by SIGALRM

/// qemu-user 7.2 ends, by an assertion of its own, a child of fork() that starts a thread. So does
/// ThreadSanitizer, by default at once, with die_after_fork=0 where the thread gets the stack of one of the
/// parent's: "dup thread with used id".
bool cannot_be_tested() {
#if defined(MIEN_EMULATOR) || defined(MIEN_THREAD_SANITIZER)
  WARN("skipped: the emulator or sanitizer starts no threads in a child of fork()");
  return true;
#else
  return false;
#endif
}

/// Whether parallel work and recycled memory do what they should.
bool works() {
  std::atomic<int> sum{0};
  mien::parallel_for(100, [&](mien::Index i) {
    const mien::Tensor tensor(mien::Shape{1000});
    sum += static_cast<int>(i) + static_cast<int>(tensor.data()[7]);
  });
  return sum == 4950;
}

/// The exit code of a child that calls `body` and then exit(), or minus the signal that ended it.
template <typename Body>
int exit_code_of_child(Body body) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(kPatience);
    const bool good = body();
    // Catch2 would write its report again.
    std::fclose(stdout);
    std::exit(good ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a child of fork() computes in parallel with as many threads, and ends") {
  if (cannot_be_tested()) return;
  const mien::test::ThreadCountGuard guard;
  for (const int threads : {1, 2, 5}) {
    mien::set_thread_count(threads);
    REQUIRE(works());
    for (int i = 0; i < 10; ++i) {
      CHECK(exit_code_of_child([&] { return works() && mien::thread_count() == threads; }) == 0);
    }
    CHECK(works());
  }
}

TEST_CASE("a child of fork() that does not compute ends, and so does one of a child") {
  if (cannot_be_tested()) return;
  REQUIRE(works());
  CHECK(exit_code_of_child([] { return true; }) == 0);
  CHECK(exit_code_of_child([] { return works() && exit_code_of_child(works) == 0; }) == 0);
}

TEST_CASE("fork() while other threads compute and allocate leaves the child able to") {
  if (cannot_be_tested()) return;
  const mien::test::ThreadCountGuard guard;
  mien::set_thread_count(3);
  std::atomic<bool> done{false};
  std::vector<std::thread> busy;
  for (int i = 0; i < 2; ++i) {
    busy.emplace_back([&] {
      while (!done) works();
    });
  }
  int failures = 0;
  for (int i = 0; i < 50; ++i) failures += exit_code_of_child(works) != 0;
  done = true;
  for (std::thread& thread : busy) thread.join();
  CHECK(failures == 0);
}

TEST_CASE("objects that are destroyed as the process ends may still compute") {
  if (cannot_be_tested()) return;
  struct Late {
    ~Late() {
      if (!works()) _exit(7);
    }
  };
  CHECK(exit_code_of_child([] {
          static const Late late;  // made before the pool is touched, so destroyed behind it
          return works();
        }) == 0);
}
