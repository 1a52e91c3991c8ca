#pragma once

#include <charconv>
#include <concepts>

namespace mien::detail {

/// As std::from_chars reads decimal numbers, but for nan and inf, which are no numbers here.
std::from_chars_result fraction_from_chars(const char* begin, const char* end, float& value);
std::from_chars_result fraction_from_chars(const char* begin, const char* end, double& value);

/// std::from_chars; libc++ has none for fractions (before its version 20).
template <typename Number>
std::from_chars_result from_chars(const char* begin, const char* end, Number& value) {
#if !defined(__cpp_lib_to_chars)
  if constexpr (std::floating_point<Number>) {
    return fraction_from_chars(begin, end, value);
  } else
#endif
  {
    return std::from_chars(begin, end, value);
  }
}

}  // namespace mien::detail
