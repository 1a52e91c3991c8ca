#include "sandbox.hpp"

#include <signal.h>

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "mien/core/error.hpp"

namespace ferpredict::sandbox {
namespace {

/// Throws std::runtime_error that says why there is none.
std::unique_ptr<Child> new_child(const Start& start) {
  auto child = std::make_unique<Child>(start());
  if (const std::string problem = child->wait_until_ready(); !problem.empty())
    throw std::runtime_error(problem);
  return child;
}

}  // namespace

Sandbox::Sandbox(Start start, std::chrono::milliseconds time_limit)
    : start_(std::move(start)), time_limit_(time_limit) {
  // Where a parent has had it ignored, nobody would learn what a process died of.
  (void)::signal(SIGCHLD, SIG_DFL);
  try {
    idle_.push_back(new_child(start_));
  } catch (const std::runtime_error& error) {
    throw mien::ArgumentError(std::string("--sandbox: pictures cannot be decoded in one here: ") +
                              error.what());
  }
}

std::unique_ptr<Child> Sandbox::take() {
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      std::unique_ptr<Child> child = std::move(idle_.back());
      idle_.pop_back();
      if (child->is_waiting()) return child;
    }
  }
  return new_child(start_);
}

Pixels Sandbox::decode(std::span<const std::uint8_t> bytes, std::string_view name, std::uint64_t channels,
                       const mien::image::DecodeLimits& limits) {
  const auto fail = [&](const std::string& what) -> mien::DataError {
    return mien::DataError(std::string(name) + ": " + what);
  };
  std::unique_ptr<Child> child;
  try {
    child = take();
  } catch (const std::runtime_error& error) {
    throw fail(std::string("no process to decode it: ") + error.what());
  }
  Reply reply = child->ask(bytes, channels, limits, time_limit_);
  if (reply.goes_on) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(child));
  }
  if (!reply.picture) throw fail(reply.error);
  return std::move(*reply.picture);
}

mien::image::GrayImage Sandbox::gray(std::span<const std::uint8_t> bytes, std::string_view name,
                                     const mien::image::DecodeLimits& limits) {
  Pixels pixels = decode(bytes, name, 1, limits);
  return {pixels.width, pixels.height, std::move(pixels.values), pixels.reduction};
}

mien::image::RgbImage Sandbox::rgb(std::span<const std::uint8_t> bytes, std::string_view name,
                                   const mien::image::DecodeLimits& limits) {
  Pixels pixels = decode(bytes, name, 3, limits);
  return {pixels.width, pixels.height, std::move(pixels.values), pixels.reduction};
}

}  // namespace ferpredict::sandbox
