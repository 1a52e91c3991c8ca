// The kernel table in use, and how long each operation takes with it.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <span>

#include "kernels/kernel_table.hpp"

namespace mien::ops {

/// Those of the instruction set in use (core/isa_in_use.hpp). Throws what that throws.
const kernels::KernelTable& kernels_in_use();

struct TimedCall {
  const char* name;
  std::span<const kernels::Index> extents;
  double ms;
};
using CallObserver = std::function<void(const TimedCall&)>;

/// Shows each call to `observer`, which must not throw, as it ends; an empty one stops that. At first
/// MIEN_VERBOSE=1 prints `mien: avx512 conv2d_forward 50 1 48 48 64 5: 1.234 ms` to stderr, otherwise nobody
/// sees them. Not to be changed with work under way.
void observe_calls(CallObserver observer);

/// A call that lasts until it goes out of scope.
class VerboseCall {
 public:
  VerboseCall(const char* name, std::initializer_list<kernels::Index> extents);
  VerboseCall(const VerboseCall&) = delete;
  VerboseCall& operator=(const VerboseCall&) = delete;
  ~VerboseCall();

 private:
  const char* name_;
  kernels::Index extents_[8] = {};
  int rank_ = 0;
  std::chrono::steady_clock::time_point start_;
};

/// While one lives, nobody is shown the calls of its thread: they are parts of one that is.
class QuietCalls {
 public:
  QuietCalls();
  QuietCalls(const QuietCalls&) = delete;
  QuietCalls& operator=(const QuietCalls&) = delete;
  ~QuietCalls();
};

}  // namespace mien::ops
