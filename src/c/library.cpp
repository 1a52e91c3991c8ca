#include <string>

#include "c/guarded.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"

namespace mien::c {
namespace {

std::string& last_error() {
  thread_local std::string text;
  return text;
}

}  // namespace

int failed(int code, std::string_view message) noexcept {
  try {
    last_error() = printable(message);
  } catch (...) {
    last_error() = "out of memory";  // short enough to need none
  }
  return code;
}

}  // namespace mien::c

extern "C" {

uint32_t mien_abi_version() {
  return MIEN_ABI_VERSION;
}

const char* mien_version() {
  static const std::string text = mien::version();
  return text.c_str();
}

const char* mien_last_error() {
  return mien::c::last_error().c_str();
}

int mien_set_threads(int count) {
  return mien::c::guarded([&] { mien::set_thread_count(count); });
}
}
