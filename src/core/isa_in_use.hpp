// The instruction set whose kernels are called.
#pragma once

#include "kernels/isa.hpp"

namespace mien::detail {

/// Chosen once: MIEN_ISA=base|neon|avx2|avx512|avx512bf16|amx when set, else the widest this processor runs.
/// Throws ArgumentError for a name that is unknown or not available here.
kernels::Isa isa_in_use();

/// Puts another one that is available to use while it lives. For tests, with no work under way at either end.
class IsaForTest {
 public:
  explicit IsaForTest(kernels::Isa isa);
  IsaForTest(const IsaForTest&) = delete;
  IsaForTest& operator=(const IsaForTest&) = delete;
  ~IsaForTest();

 private:
  kernels::Isa before_;
};

}  // namespace mien::detail
