#include "kernels/tile_permission.hpp"

#if defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace mien::kernels {

#if defined(__linux__)

namespace {

bool processor_has_tiles() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24, kInt8 = 1u << 25;
  constexpr unsigned kAll = kBf16 | kTile | kInt8;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & kAll) == kAll;
}

// The system refuses what the processor has not been set up for, and what it does not know.
bool system_lets_use_them() {
  constexpr long kAskForState = 0x1023;  // ARCH_REQ_XCOMP_PERM, of Linux 5.16
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kAskForState, kTileData) == 0;
}

}  // namespace

bool may_use_tiles() {
  static const bool may = processor_has_tiles() && system_lets_use_them();
  return may;
}

#else

bool may_use_tiles() {
  return false;
}

#endif

}  // namespace mien::kernels
