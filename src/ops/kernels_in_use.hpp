// The kernel table in use, and the line a kernel call prints under MIEN_VERBOSE=1.
#pragma once

#include <chrono>
#include <initializer_list>

#include "kernels/kernel_table.hpp"

namespace mien::ops {

/// Chosen once: MIEN_ISA=base|avx2|avx512 when set, else the widest this processor runs. Throws
/// ArgumentError for a name that is unknown or not available here.
const kernels::KernelTable& kernels_in_use();

/// Puts another table to use while it lives. For tests, with no work under way at either end.
class KernelsForTest {
 public:
  explicit KernelsForTest(const kernels::KernelTable& table);
  KernelsForTest(const KernelsForTest&) = delete;
  KernelsForTest& operator=(const KernelsForTest&) = delete;
  ~KernelsForTest();

 private:
  const kernels::KernelTable* before_;
};

/// Prints `mien: avx512 conv2d_forward 50 1 48 48 64 5: 1.234 ms` to stderr when it goes out of scope, if
/// MIEN_VERBOSE=1.
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

}  // namespace mien::ops
