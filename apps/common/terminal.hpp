// What the screen can show.
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <string_view>

#include "mien/core/text.hpp"

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

/// Columns, as they are now: a window may be resized. What the terminal does not say, COLUMNS may; else 80.
inline std::size_t terminal_width(int descriptor) {
  winsize size = {};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const auto width = mien::parse_index(columns == nullptr ? "" : columns);
  return width && *width > 0 ? static_cast<std::size_t>(*width) : 80;
}

}  // namespace apps
