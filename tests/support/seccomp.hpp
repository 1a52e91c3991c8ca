// Whether ferpredict's --sandbox can be tested here.
#pragma once

#include <sys/prctl.h>

#include "support/catch.hpp"

namespace mien::test {

/// False, with a warning that says why, where system calls cannot be filtered.
inline bool has_seccomp() {
#ifdef MIEN_EMULATOR
  WARN("skipped: the emulator has no seccomp");
  return false;
#else
  if (prctl(PR_GET_SECCOMP) != -1) return true;
  WARN("skipped: this kernel has no seccomp");
  return false;
#endif
}

}  // namespace mien::test
