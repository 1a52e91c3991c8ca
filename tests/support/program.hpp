// Runs a program and keeps what it wrote: for tests of the command lines. A program that takes longer than
// kProgramSeconds is killed, which the test then sees as signal 9.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "mien/core/file.hpp"
#include "support/temporary_folder.hpp"

namespace mien::test {

#ifdef MIEN_EMULATOR
inline constexpr int kProgramSeconds = 1800;
#else
inline constexpr int kProgramSeconds = 120;
#endif

struct ProgramResult {
  int exit_code = -1;  ///< -1 when a signal ended the program
  int signal = 0;
  std::string out;
  std::string err;
};

struct ProgramOptions {
  std::vector<std::string> environment = {};  ///< "NAME=value", in place of what the test itself has
  std::string input = {};                     ///< what stdin holds
  std::string stdout_path = {};               ///< where stdout goes instead of ProgramResult::out
  std::filesystem::path folder = {};          ///< the working folder; empty: the test's own
};

/// A program that is running.
class Program {
 public:
  Program(const std::string& path, const std::vector<std::string>& arguments,
          const ProgramOptions& options = {}) {
    write_file_atomically(files_ / "in", options.input);
    const std::string out = options.stdout_path.empty() ? (files_ / "out").string() : options.stdout_path;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, (files_ / "in").c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, (files_ / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!options.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
    // What runs in a shell's background ignores Ctrl-C; the tests of interruptions are not to depend on that.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> words{path};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> environment = environment_with(options.environment);
    const int error = posix_spawn(&id_, path.c_str(), &actions, &attributes, pointers(words).data(),
                                  pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) throw std::runtime_error(path + ": " + std::generic_category().message(error));
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }

  pid_t id() const { return id_; }
  void send(int signal) const { ::kill(id_, signal); }

  /// Waits for `path` to exist. False when the program ended, or too much time passed, before.
  bool wait_for(const std::filesystem::path& path) {
    while (!std::filesystem::exists(path)) {
      if (ended() || too_late()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  ProgramResult wait() {
    while (!ended()) {
      if (too_late()) send(SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ProgramResult result;
    if (WIFEXITED(status_)) result.exit_code = WEXITSTATUS(status_);
    if (WIFSIGNALED(status_)) result.signal = WTERMSIG(status_);
    constexpr std::size_t kMaxBytes = std::size_t{1} << 26;
    if (std::filesystem::exists(files_ / "out")) result.out = read_file(files_ / "out", kMaxBytes);
    result.err = read_file(files_ / "err", kMaxBytes);
    return result;
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

  // What would change the programs' behavior does not reach them from outside.
  static std::vector<std::string> environment_with(const std::vector<std::string>& additions) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string text = *entry;
      if (!text.starts_with("MIEN_") && !text.starts_with("LC_") && !text.starts_with("LANG"))
        result.push_back(text);
    }
    result.insert(result.end(), additions.begin(), additions.end());
    return result;
  }

  bool too_late() const {
    return std::chrono::steady_clock::now() - start_ > std::chrono::seconds(kProgramSeconds);
  }
  bool ended() {
    if (id_ > 0 && ::waitpid(id_, &status_, WNOHANG) == id_) id_ = 0;
    return id_ <= 0;
  }

  TemporaryFolder files_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  pid_t id_ = 0;
  int status_ = 0;
};

inline ProgramResult run_program(const std::string& path, const std::vector<std::string>& arguments,
                                 const ProgramOptions& options = {}) {
  return Program(path, arguments, options).wait();
}

}  // namespace mien::test
