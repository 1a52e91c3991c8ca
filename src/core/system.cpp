#include "mien/core/system.hpp"

#include <cstdlib>
#include <string_view>

#include "core/isa_in_use.hpp"

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
