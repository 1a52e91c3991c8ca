#include "serve.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "confine.hpp"

namespace ferpredict::sandbox {
namespace {

// Whoever asks is gone when the channel ends: then there is nobody to tell, and nothing to clean up.
template <typename Call, typename Byte>
void pass(Call call, Byte* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t done = call(kChannel, bytes, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) _exit(0);
    bytes += done;
    count -= static_cast<std::size_t>(done);
  }
}

void take(void* to, std::size_t count) {
  pass(::read, static_cast<char*>(to), count);
}

void put(Answer answer, const void* bytes, std::size_t count) {
  answer.bytes = count;
  pass(::write, reinterpret_cast<const char*>(&answer), sizeof answer);
  pass(::write, static_cast<const char*>(bytes), count);
}

void put_text(AnswerKind kind, std::string_view text, std::uint64_t number) {
  put({.kind = kind, .reduction = {}, .number = number}, text.data(), std::min(text.size(), kMostText));
}

void set_alarm(std::chrono::seconds time) {
  const itimerval timer = {.it_interval = {}, .it_value = {.tv_sec = time.count(), .tv_usec = 0}};
  (void)setitimer(ITIMER_REAL, &timer, nullptr);
}

/// A picture, or what is wrong with it.
struct Decoded {
  Pixels picture;
  std::string error;
};

Decoded attempt(std::span<const std::uint8_t> bytes, const Question& question, const Decode& decode) {
  try {
    return {decode(bytes, question), {}};
  } catch (const std::bad_alloc&) {
    return {{}, "out of memory"};
  } catch (const std::exception& error) {
    const std::string text = error.what();
    // What follows the picture's name, which this process is not told.
    return {{}, text.starts_with(": ") ? text.substr(2) : "unexpected: " + text};
  }
}

void answer(const Question& question, const Decode& decode) {
  std::vector<std::uint8_t> bytes(question.bytes);
  take(bytes.data(), bytes.size());
  set_alarm(2 * kTimeLimit);
  const auto [picture, error] = attempt(bytes, question, decode);
  set_alarm(std::chrono::seconds(0));
  if (!error.empty()) return put_text(kError, error, question.number);
  put({.kind = kPicture,
       .width = picture.width,
       .height = picture.height,
       .reduction = picture.reduction,
       .number = question.number},
      picture.values.data(), picture.values.size());
}

}  // namespace

bool stdin_is_channel() {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

Pixels decode_picture(std::span<const std::uint8_t> bytes, const Question& question) {
  const auto pixels_of = [](auto image) {
    return Pixels{image.width, image.height, std::move(image.pixels), image.reduction};
  };
  if (question.channels == 3) return pixels_of(mien::image::decode_rgb(bytes, "", question.limits));
  return pixels_of(mien::image::decode_gray(bytes, "", question.limits));
}

void serve(int channel, const Decode& decode) {
  if (const std::string problem = confine(channel); !problem.empty()) {
    put_text(kRefused, problem, 0);
    _exit(1);
  }
  put({.kind = kReady, .reduction = {}}, nullptr, 0);
  for (;;) {
    Question question;
    take(&question, sizeof question);
    answer(question, decode);
  }
}

}  // namespace ferpredict::sandbox
