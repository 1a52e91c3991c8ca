#include "mien/core/system.hpp"

#include <cstdlib>
#include <cstring>
#include <string_view>

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

bool locale_is_utf8() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    std::string encoding;  // "de_DE.UTF-8@euro": what lies between '.' and '@'
    const std::string_view locale = value;
    const std::size_t dot = locale.find('.');
    if (dot == std::string_view::npos) return false;
    for (const char c : locale.substr(dot + 1, locale.find('@', dot) - dot - 1)) {
      if (c != '-') encoding += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return encoding == "utf8";
  }
  return false;
}

}  // namespace mien
