// What decodes pictures for --sandbox does all that a picture might make it do: it costs that picture.
#include "ferpredict/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "ferpredict/heap.hpp"
#include "ferpredict/sandbox/confine.hpp"
#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/seccomp.hpp"

namespace {

using namespace ferpredict::sandbox;
using mien::image::GrayImage;
using mien::test::has_seccomp;

constexpr const char* kForbidden = "p.jpg: decoding asked for what the sandbox does not allow, and was ended";
constexpr const char* kNonsense = "p.jpg: decoding gave no sensible answer";

void write_to_channel(const void* bytes, std::size_t count) {
  if (write(0, bytes, count) != static_cast<ssize_t>(count)) _exit(9);
}

void announce(const Answer& answer) {
  write_to_channel(&answer, sizeof answer);
}

Pixels good_picture() {
  return {2, 3, {1, 2, 3, 4, 5, 6}, {}};
}

volatile int sink = 0;

/// Recursion without an end, which no compiler makes a loop of.
int overflow(int depth) {  // NOLINT(misc-no-recursion)
  volatile char room[4096] = {};
  room[depth % 4096] = 1;
  return depth < 0 ? 0 : overflow(depth + 1) + room[0];
}

void allocate(std::size_t bytes) {
  constexpr std::size_t kBlock = std::size_t{1} << 28;
  std::vector<std::unique_ptr<char[]>> blocks;
  for (std::size_t had = 0; had < bytes; had += kBlock) blocks.emplace_back(new char[kBlock]);
}

/// Decodes a picture whose bytes say what is to happen.
Pixels decode(std::span<const std::uint8_t> bytes, const Question& question) {
  const std::string what(bytes.begin(), bytes.end());
  if (what == "open") sink = open("/etc/passwd", O_RDONLY);
  if (what == "socket") sink = socket(AF_INET, SOCK_STREAM, 0);
  if (what == "fork") sink = fork();
  if (what == "thread") std::thread([] {}).join();
  if (what == "exec") sink = execl("/bin/true", "true", nullptr);
  if (what == "kill") sink = kill(getppid(), 0);
  if (what == "signal another") sink = static_cast<int>(syscall(SYS_tgkill, 1, 1, 0));
  if (what == "code") {
    sink = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
  }
  if (what == "code later") {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sink = mprotect(page, 4096, PROT_READ | PROT_EXEC);
  }
  if (what == "segfault") raise(SIGSEGV);
  if (what == "abort") std::abort();
  if (what == "overflow") sink = overflow(0);
  if (what == "exit") _exit(0);
  if (what == "loop") {
    while (sink >= 0) sink = 0;
  }
  if (what == "sleep") {
    char byte = 0;
    while (read(0, &byte, 1) == 1) sink = byte;
  }
  if (what == "allocate") allocate(kMostMemory);
  if (what == "no picture") throw mien::DataError(": truncated JPEG");
  if (what == "text")
    write_to_channel("what is this? it is more than an answer has, by far, and not one at all", 72);
  if (what == "no size")
    announce(
        {.kind = kPicture, .width = 0, .height = 3, .reduction = {}, .bytes = 0, .number = question.number});
  if (what == "no end of text")
    announce({.kind = kError, .reduction = {}, .bytes = std::uint64_t{1} << 40, .number = question.number});
  if (what == "half") {
    announce(
        {.kind = kPicture, .width = 2, .height = 3, .reduction = {}, .bytes = 6, .number = question.number});
    write_to_channel("abc", 3);
    _exit(0);
  }
  if (what == "stalls") {
    announce(
        {.kind = kPicture, .width = 2, .height = 3, .reduction = {}, .bytes = 6, .number = question.number});
    while (sink >= 0) sink = 0;
  }
  return good_picture();
}

/// A copy of the test that decodes in that way: another program could not be told how.
Started start_copy(const Decode& how) {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const pid_t id = fork();
  REQUIRE(id >= 0);
  if (id == 0) {
    for (const int number : {SIGSEGV, SIGABRT, SIGTERM}) signal(number, SIG_DFL);  // Catch2 reports them
    ferpredict::set_up_heap();
    close(ends[0]);
    serve(ends[1], how);
  }
  close(ends[1]);
  return {id, ends[0]};
}

Started start() {
  return start_copy(decode);
}

GrayImage decoded(Sandbox& sandbox, const std::string& text) {
  return sandbox.gray({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "p.jpg", {});
}

std::string error_of(Sandbox& sandbox, const std::string& text) {
  try {
    (void)decoded(sandbox, text);
  } catch (const mien::DataError& error) {
    return error.what();
  }
  return "";
}

bool answers(Sandbox& sandbox) {
  return decoded(sandbox, "good").pixels == good_picture().values;
}

}  // namespace

TEST_CASE("whatever a picture makes its decoding do costs that picture and no other", "[sandbox]") {
  if (!has_seccomp()) return;
  struct Case {
    const char* what;
    std::string error;
  };
  const Case cases[] = {
    {"open", kForbidden},
    {"socket", kForbidden},
    {"fork", kForbidden},
    {"thread", kForbidden},
    {"exec", kForbidden},
    {"kill", kForbidden},
    {"signal another", kForbidden},
    {"code", kForbidden},
    {"code later", kForbidden},
    {"segfault", "p.jpg: decoding crashed (SIGSEGV)"},
    {"abort", "p.jpg: decoding crashed (SIGABRT)"},
    {"exit", "p.jpg: decoding ended without an answer"},
    {"half", "p.jpg: decoding ended without an answer"},
    {"no picture", "p.jpg: truncated JPEG"},
    {"text", kNonsense},
    {"no size", kNonsense},
    {"no end of text", kNonsense},
#if !defined(MIEN_SANITIZE)  // which crash in their own way, and bound no memory
    {"overflow", "p.jpg: decoding crashed (SIGSEGV)"},
    {"allocate", "p.jpg: out of memory"},
#endif
  };
  Sandbox sandbox(start);
  CHECK(answers(sandbox));
  for (const Case& c : cases) {
    INFO(c.what);
    CHECK(error_of(sandbox, c.what) == c.error);
    CHECK(answers(sandbox));
  }
}

TEST_CASE("a picture that is not decoded in time is given up", "[sandbox]") {
  if (!has_seccomp()) return;
  Sandbox sandbox(start, std::chrono::milliseconds(200));
  for (const char* what : {"loop", "sleep", "stalls"}) {
    INFO(what);
    CHECK(error_of(sandbox, what) == "p.jpg: not decoded within 0.2 s");
    CHECK(answers(sandbox));
  }
  // A file that is not even read.
  const Start deaf = [] {
    return start_copy([](auto, const Question&) -> Pixels {
      while (sink >= 0) sink = 0;
      return {};
    });
  };
  Sandbox other(deaf, std::chrono::milliseconds(200));
  CHECK(error_of(other, std::string(std::size_t{8} << 20, 'x')) == "p.jpg: not decoded within 0.2 s");
}

TEST_CASE("answers that nobody asked for are not taken for the next picture's", "[sandbox]") {
  if (!has_seccomp()) return;
  Sandbox sandbox([] {
    return start_copy([](auto bytes, const Question& question) -> Pixels {
      if (bytes.size() == 4) return decode(bytes, question);
      announce(
          {.kind = kPicture, .width = 1, .height = 1, .reduction = {}, .bytes = 1, .number = question.number});
      write_to_channel("x", 1);
      return Pixels{1, 1, {'y'}, {}};
    });
  });
  for (int i = 0; i < 20; ++i) {
    CHECK(decoded(sandbox, "forged").pixels == std::vector<std::uint8_t>{'x'});
    // What is left over may come before the next picture is asked for, or behind.
    std::vector<std::uint8_t> pixels = good_picture().values;
    try {
      pixels = decoded(sandbox, "good").pixels;
    } catch (const mien::DataError& error) {
      CHECK(std::string(error.what()) == kNonsense);
    }
    CHECK(pixels == good_picture().values);
  }
}

TEST_CASE("a process that has gone while it was idle costs no picture", "[sandbox]") {
  if (!has_seccomp()) return;
  std::vector<pid_t> ids;
  Sandbox sandbox([&ids] {
    const Started started = start();
    ids.push_back(started.id);
    return started;
  });
  CHECK(answers(sandbox));
  CHECK(answers(sandbox));
  REQUIRE(ids.size() == 1);
  kill(ids[0], SIGKILL);
  siginfo_t gone;
  REQUIRE(waitid(P_PID, static_cast<id_t>(ids[0]), &gone, WEXITED | WNOWAIT) == 0);
  CHECK(answers(sandbox));
  CHECK(ids.size() == 2);
}

TEST_CASE("threads have a process each", "[sandbox]") {
  if (!has_seccomp()) return;
  std::mutex mutex;
  int processes = 0;
  Sandbox sandbox([&] {
    const std::lock_guard lock(mutex);
    ++processes;
    return start();
  });
  constexpr int kThreads = 4;
  constexpr int kPictures = 20;
  std::vector<std::thread> threads;
  std::vector<int> wrong(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&sandbox, &wrong, t] {
      for (int i = 0; i < kPictures; ++i) {
        const bool crashes = t == 0 && i % 5 == 4;
        if (crashes && error_of(sandbox, "abort") != "p.jpg: decoding crashed (SIGABRT)") ++wrong[0];
        if (!crashes && !answers(sandbox)) ++wrong[static_cast<std::size_t>(t)];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(kThreads));
  CHECK(processes <= kThreads + kPictures / 5);
}

TEST_CASE("where system calls cannot be filtered there is no sandbox, and the reason is given", "[sandbox]") {
  if (!has_seccomp()) return;
  // The kernel's own filter plays a kernel that has none: prctl(PR_SET_SECCOMP) gives EINVAL.
  const Start refused = [] {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    const pid_t id = fork();
    if (id == 0) {
      sock_filter steps[] = {
          {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
          {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_prctl},
          {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, args)},
          {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, PR_SET_SECCOMP},
          {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EINVAL},
          {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
      };
      const sock_fprog program = {6, steps};
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(9);
      serve(ends[1], decode);
    }
    close(ends[1]);
    return Started{id, ends[0]};
  };
  CHECK_THROWS_WITH(
      Sandbox(refused),
      "--sandbox: pictures cannot be decoded in one here: the kernel does not filter system calls "
      "(seccomp): Invalid argument");
}

TEST_CASE("of an answer nothing is believed", "[sandbox]") {
  const Question gray{10, 1, {}};
  const Question color{10, 3, {}};
  const auto picture = [](mien::Index width, mien::Index height, std::uint64_t bytes,
                          mien::image::Reduction reduction = {}) {
    return Answer{kPicture, width, height, reduction, bytes};
  };
  CHECK(is_picture(picture(4, 5, 20), gray));
  CHECK(is_picture(picture(4, 5, 60), color));
  CHECK(is_picture(picture(8192, 4096, 8192 * 4096), gray));
  CHECK(is_picture(picture(4, 5, 20, {2, 7, 10}), gray));
  const mien::Index most = std::numeric_limits<mien::Index>::max();
  const Answer lies[] = {
      picture(4, 5, 60),
      picture(4, 5, 19),
      picture(4, 5, 21),
      picture(0, 5, 0),
      picture(-4, -5, 20),
      picture(4, -5, 0),
      picture(8193, 1, 8193),
      picture(1, 8193, 8193),
      picture(8192, 4097, 8192 * 4097),
      picture(most, most, 1),
      picture(most / 2 + 1, 2, 0),
      picture(4, 5, 20, {1, 4, 5}),
      picture(4, 5, 20, {3, 12, 15}),
      picture(4, 5, 20, {0, 4, 5}),
      picture(4, 5, 20, {-2, 8, 10}),
      picture(4, 5, 20, {2, 9, 10}),
      picture(4, 5, 20, {2, 8, 8}),
      picture(4, 5, 20, {2, most, most}),
      picture(4, 5, 20, {8, 0, 0}),
  };
  for (const Answer& lie : lies) {
    INFO(lie.width << "x" << lie.height << " of " << lie.bytes << ", by " << lie.reduction.by);
    CHECK_FALSE(is_picture(lie, gray));
  }
  CHECK_FALSE(is_picture({kPicture, 4, 5, {}, 20, 7}, gray));
  for (const std::uint64_t kind : {0, 1, 2, 4, 5}) {
    CHECK_FALSE(is_picture({kind, 4, 5, {}, 20}, gray));
  }
  CHECK(is_error({kError, 0, 0, {}, 1}, gray));
  CHECK(is_error({kError, 0, 0, {}, kMostText}, gray));
  CHECK(is_refusal({kRefused, 0, 0, {}, kMostText}));
  CHECK_FALSE(is_error({kError, 0, 0, {}, 0}, gray));
  CHECK_FALSE(is_error({kError, 0, 0, {}, kMostText + 1}, gray));
  CHECK_FALSE(is_error({kError, 0, 0, {}, 1, 7}, gray));
  CHECK_FALSE(is_error({kPicture, 4, 5, {}, 20}, gray));
  CHECK_FALSE(is_refusal({kRefused, 0, 0, {}, kMostText + 1}));
  CHECK_FALSE(is_refusal({kError, 0, 0, {}, 1}));
}
