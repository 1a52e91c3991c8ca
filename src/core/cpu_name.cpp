// What processors say about themselves.
#include <cstdio>
#include <cstring>
#include <string>

#include "mien/core/system.hpp"
#include "mien/core/text.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace mien {

#if defined(__x86_64__)

std::string cpu_name() {
  // The brand string: 48 characters in three leaves of cpuid.
  unsigned int registers[12] = {};
  if (static_cast<unsigned>(__get_cpuid_max(0x80000000u, nullptr)) < 0x80000004u) return "unknown";
  for (unsigned int i = 0; i < 3; ++i) {
    unsigned int* r = registers + 4 * i;
    __get_cpuid(0x80000002u + i, &r[0], &r[1], &r[2], &r[3]);
  }
  char text[sizeof registers + 1] = {};
  std::memcpy(text, registers, sizeof registers);
  return std::string(trim(text));
}

#elif defined(__aarch64__) && defined(__linux__)

std::string cpu_name() {
  // No name, but numbers that stand for one, as in /proc/cpuinfo; the system answers in the processor's place.
  if ((getauxval(AT_HWCAP) & HWCAP_CPUID) == 0) return "unknown";
  unsigned long midr = 0;
  asm("mrs %0, MIDR_EL1" : "=r"(midr));
  char text[64];
  std::snprintf(text, sizeof text, "ARM implementer 0x%02lx part 0x%03lx r%lup%lu", midr >> 24 & 0xff,
                midr >> 4 & 0xfff, midr >> 20 & 0xf, midr & 0xf);
  return text;
}

#else

std::string cpu_name() {
  return "unknown";
}

#endif

}  // namespace mien
