#pragma once

#include <charconv>

namespace mien::detail {

/// As std::to_chars writes fractions: the shortest text that is read back as `value`, or so many digits behind
/// the point. In the C locale, which programs here never leave.
std::to_chars_result fraction_to_chars(char* begin, char* end, double value);
std::to_chars_result fraction_to_chars(char* begin, char* end, float value);
std::to_chars_result fraction_to_chars(char* begin, char* end, double value, int digits);

/// std::to_chars for fractions, which libc++ lacks before its version 14.
template <typename Number>
std::to_chars_result to_chars(char* begin, char* end, Number value) {
#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 14000
  return fraction_to_chars(begin, end, value);
#else
  return std::to_chars(begin, end, value);
#endif
}
inline std::to_chars_result to_chars(char* begin, char* end, double value, int digits) {
#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 14000
  return fraction_to_chars(begin, end, value, digits);
#else
  return std::to_chars(begin, end, value, std::chars_format::fixed, digits);
#endif
}

}  // namespace mien::detail
