// One process-wide pool of worker threads. Work is cut into chunks that own their outputs; threads claim
// chunks as they come free. Results are the same, bit for bit, for any number of threads, as long as the
// order of a sum depends on the problem alone: where sums are cut, their chunks must not depend on threads.
//
// A child of fork() has no worker threads until its first parallel work makes as many as the parent had. A
// child made by what threads do in parallel lacks the chunks of the others: it may only call exec or _exit.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "mien/core/shape.hpp"

namespace mien {

/// Sets how many threads run parallel work, the caller included; 0 means one for each processor this
/// process may use. Throws ArgumentError for a negative number or one above 1024, and when called by
/// what threads do in parallel.
void set_thread_count(int count);
/// How many threads run parallel work, at least 1.
int thread_count();

namespace detail {
/// A reference to a callable, valid while the callable lives: no allocation, unlike std::function.
class ChunkFunction {
 public:
  template <typename F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, ChunkFunction>) ChunkFunction(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* object, Index i) { (*static_cast<std::remove_reference_t<F>*>(object))(i); }) {}
  void operator()(Index i) const { call_(object_, i); }

 private:
  void* object_;
  void (*call_)(void*, Index);
};
void run_chunks(Index count, ChunkFunction body);
/// Whether the calling thread is at work for a parallel_for.
bool in_parallel_work();
}  // namespace detail

/// Calls body(0) .. body(count-1), in any order, on any thread, and returns when all are done. The first
/// exception thrown by a body is thrown here; chunks not yet begun are then skipped. Nested calls run
/// their chunks on the calling thread.
template <typename Body>
void parallel_for(Index count, Body&& body) {
  detail::run_chunks(count, detail::ChunkFunction(body));
}

/// As parallel_for over [0, size) cut into ranges of `grain` (the last may be shorter): body(begin, end).
template <typename Body>
void parallel_for_ranges(Index size, Index grain, Body&& body) {
  parallel_for((size + grain - 1) / grain, [&](Index chunk) {
    const Index begin = chunk * grain;
    const Index end = begin + grain < size ? begin + grain : size;
    body(begin, end);
  });
}

}  // namespace mien
