// Tests that change the number of worker threads leave it as it was.
#pragma once

#include "mien/core/parallel.hpp"

namespace mien::test {

struct ThreadCountGuard {
  int before = thread_count();
  ~ThreadCountGuard() { set_thread_count(before); }
};

}  // namespace mien::test
