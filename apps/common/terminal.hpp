// What the screen can show.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace apps {

inline bool is_terminal(int descriptor) {
  const char* term = std::getenv("TERM");
  return ::isatty(descriptor) == 1 && !(term != nullptr && std::string_view(term) == "dumb");
}

/// Honors NO_COLOR (any value that is not empty turns color off).
inline bool use_color(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  return is_terminal(descriptor) && (no_color == nullptr || *no_color == '\0');
}

}  // namespace apps
