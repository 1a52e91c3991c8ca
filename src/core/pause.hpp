// What a thread does between two looks at something that another one is about to change.
#pragma once

#include <thread>

namespace mien::detail {

/// Tens of nanoseconds in which the processor's other threads get more of it.
inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");  // `yield` takes no time on most of them
#else
  std::this_thread::yield();
#endif
}

}  // namespace mien::detail
