#include "child.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "mien/core/text.hpp"

namespace ferpredict::sandbox {
namespace {

constexpr std::chrono::seconds kStartLimit{60};

std::string name_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGABRT:
      return "SIGABRT";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    default:
      return "signal " + std::to_string(signal);
  }
}

std::string cause_of(int status) {
  if (!WIFSIGNALED(status)) return "decoding ended without an answer";
  const int signal = WTERMSIG(status);
  if (signal == SIGSYS) return "decoding asked for what the sandbox does not allow, and was ended";
  if (signal == SIGKILL) return "decoding was ended from outside, maybe for want of memory";
  return "decoding crashed (" + name_of(signal) + ")";
}

}  // namespace

Child::~Child() {
  (void)end();
}

std::string Child::end() {
  if (channel_ != -1) ::close(std::exchange(channel_, -1));
  const pid_t id = std::exchange(id_, 0);
  if (id <= 0) return {};
  (void)::kill(id, SIGKILL);  // changes nothing where it is ending already
  int status = 0;
  pid_t waited = 0;
  do {
    waited = ::waitpid(id, &status, 0);
  } while (waited == -1 && errno == EINTR);
  return cause_of(waited == id ? status : 0);
}

std::string Child::wait_until_ready() {
  Answer answer;
  const auto deadline = Clock::now() + kStartLimit;
  const Sent got = receive_all(channel_, &answer, sizeof answer, deadline);
  if (got == Sent::late) return "nothing from it within " + std::to_string(kStartLimit.count()) + " s";
  if (got == Sent::closed) return end();
  if (answer.kind == kReady && answer.bytes == 0) return {};
  std::string text(is_refusal(answer) ? answer.bytes : 0, ' ');
  const bool told = !text.empty() && receive_all(channel_, text.data(), text.size(), deadline) == Sent::all;
  (void)end();
  return told ? text : "what decodes pictures gives no sensible answer";
}

bool Child::is_waiting() const {
  pollfd channel = {.fd = channel_, .events = POLLIN, .revents = 0};
  return ::poll(&channel, 1, 0) == 0;
}

Reply Child::lost(Sent how, std::chrono::milliseconds limit) {
  const std::string cause = end();
  if (how == Sent::closed) return {{}, cause, false};
  const double seconds = std::chrono::duration<double>(limit).count();
  return {{}, "not decoded within " + mien::format_number(seconds) + " s", false};
}

Reply Child::ask(std::span<const std::uint8_t> bytes, std::uint64_t channels,
                 const mien::image::DecodeLimits& limits, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  const Question question{bytes.size(), channels, limits, ++asked_};
  Answer answer;
  Sent moved = send_all(channel_, &question, sizeof question, deadline);
  if (moved == Sent::all) moved = send_all(channel_, bytes.data(), bytes.size(), deadline);
  if (moved == Sent::all) moved = receive_all(channel_, &answer, sizeof answer, deadline);
  if (moved != Sent::all) return lost(moved, limit);
  const bool picture = is_picture(answer, question);
  if (!picture && !is_error(answer, question)) {
    (void)end();
    return {{}, "decoding gave no sensible answer", false};
  }
  std::vector<std::uint8_t> values(answer.bytes);
  moved = receive_all(channel_, values.data(), values.size(), deadline);
  if (moved != Sent::all) return lost(moved, limit);
  if (!picture) return {{}, mien::printable(std::string(values.begin(), values.end()))};
  return {Pixels{answer.width, answer.height, std::move(values), answer.reduction}, {}};
}

}  // namespace ferpredict::sandbox
