// Of core/parallel.cpp, what is left where there is one thread.
#include <string>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"

namespace mien {
namespace {

bool inside_parallel_work = false;

struct AtWork {
  AtWork() { inside_parallel_work = true; }
  ~AtWork() { inside_parallel_work = false; }
};

}  // namespace

void set_thread_count(int count) {
  if (count < 0 || count > 1) {
    throw ArgumentError("[threads] expected 0 or 1, got " + std::to_string(count) + ": there is one here");
  }
  if (inside_parallel_work) throw ArgumentError("[threads] not to be set from inside parallel work");
}

int thread_count() {
  return 1;
}

namespace detail {

bool in_parallel_work() {
  return inside_parallel_work;
}

void run_chunks(Index count, ChunkFunction body) {
  // Work inside of work, and a single piece of it, is the caller's own, as with threads.
  if (inside_parallel_work || count == 1) {
    for (Index i = 0; i < count; ++i) body(i);
    return;
  }
  const AtWork at_work;
  for (Index i = 0; i < count; ++i) body(i);
}

}  // namespace detail
}  // namespace mien
