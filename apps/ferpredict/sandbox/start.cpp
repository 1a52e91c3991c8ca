#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "child.hpp"
#include "serve.hpp"

namespace ferpredict::sandbox {
namespace {

constexpr const char* kThisProgram = "/proc/self/exe";

/// How libraries are found, and nothing that a picture could carry out of here.
std::vector<char*> environment() {
  std::vector<char*> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::string_view(*entry).starts_with("LD_")) result.push_back(*entry);
  }
  result.push_back(nullptr);
  return result;
}

class Channel {
 public:
  Channel() {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends_) != 0) {
      throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    for (int& end : ends_) {
      // Where the standard streams are closed they must not be taken for these.
      const int above = fcntl(end, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
      if (above == -1) throw std::system_error(errno, std::generic_category(), "fcntl");
      close(std::exchange(end, above));
      // Less than this is given where the system says so. The two wait for each other the less the more is
      // underway.
      constexpr int kUnderway = 4 << 20;
      (void)setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kUnderway, sizeof kUnderway);
    }
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    for (const int end : ends_) {
      if (end != -1) close(end);
    }
  }

  int theirs() const { return ends_[1]; }
  int take_ours() { return std::exchange(ends_[0], -1); }

 private:
  int ends_[2] = {-1, -1};
};

/// No signal is blocked or ignored there, and none of the terminal's comes.
class Manner {
 public:
  explicit Manner(int channel) {
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, channel, STDIN_FILENO);
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Manner(const Manner&) = delete;
  Manner& operator=(const Manner&) = delete;
  ~Manner() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }

  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
};

}  // namespace

Started start_program() {
  Channel channel;
  const Manner manner(channel.theirs());
  char name[] = "ferpredict";
  std::string word = kServeWord;
  char* const words[] = {name, word.data(), nullptr};
  pid_t id = 0;
  const int error =
      posix_spawn(&id, kThisProgram, &manner.files, &manner.attributes, words, environment().data());
  if (error != 0) throw std::system_error(error, std::generic_category(), kThisProgram);
  return {id, channel.take_ours()};
}

}  // namespace ferpredict::sandbox
