#include "mien/core/system.hpp"

#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "core/isa_in_use.hpp"
#include "mien/core/text.hpp"

namespace mien {

std::string version() {
  return MIEN_VERSION;
}

std::string compiler() {
#if defined(__clang__)
  return std::string("Clang ") + __clang_version__;
#else
  return std::string("GNU ") + __VERSION__;
#endif
}

std::string cpu_name() {
#if defined(__x86_64__)
  // The brand string: 48 characters in three leaves of cpuid.
  unsigned int registers[12] = {};
  unsigned int highest = __get_cpuid_max(0x80000000u, nullptr);
  if (highest >= 0x80000004u) {
    for (unsigned int i = 0; i < 3; ++i) {
      unsigned int* r = registers + 4 * i;
      __get_cpuid(0x80000002u + i, &r[0], &r[1], &r[2], &r[3]);
    }
    char text[sizeof registers + 1] = {};
    std::memcpy(text, registers, sizeof registers);
    return std::string(trim(text));
  }
#endif
  return "unknown";
}

std::string active_isa() {
  return kernels::isa_name(detail::isa_in_use());
}

}  // namespace mien
