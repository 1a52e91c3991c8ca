// Checks that classes with options and times have in common. Their errors begin with `[where] `.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::detail {

[[noreturn]] inline void refuse(std::string_view where, const std::string& problem) {
  throw ArgumentError("[" + std::string(where) + "] " + problem);
}

/// Throws ArgumentError unless `value` lies in 0 .. `most`.
inline void check_range(std::string_view where, std::string_view name, double value, double most) {
  if (value >= 0 && value <= most) return;
  refuse(where, std::string(name) + " is " + format_number(value) + ", expected 0 to " + format_number(most));
}

inline void check_finite_time(std::string_view where, double time) {
  if (!std::isfinite(time)) refuse(where, "the time is " + format_number(time));
}

inline void check_after(std::string_view where, double time, double last) {
  if (time <= last) refuse(where, "time " + format_number(time) + " is not after " + format_number(last));
}

}  // namespace mien::detail
