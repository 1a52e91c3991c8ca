#include "core/to_chars.hpp"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "core/from_chars.hpp"

namespace mien::detail {
namespace {

std::to_chars_result put(char* begin, char* end, std::string_view text) {
  if (end - begin < static_cast<std::ptrdiff_t>(text.size())) return {end, std::errc::value_too_large};
  std::memcpy(begin, text.data(), text.size());
  return {begin + text.size(), std::errc()};
}

std::string printed(const char* format, int digits, double value) {
  char text[400];  // sign, 309 digits, point, 64 digits
  const int length = std::snprintf(text, sizeof text, format, digits, value);
  return std::string(text, static_cast<std::size_t>(length));
}

// Mantissa and exponent with no more digits than tell the number from its neighbors.
template <typename Number>
std::string shortest_scientific(Number value) {
  constexpr int kMost = std::numeric_limits<Number>::max_digits10 - 1;
  for (int digits = 0; digits < kMost; ++digits) {
    const std::string text = printed("%.*e", digits, double{value});
    Number back{};
    fraction_from_chars(text.data(), text.data() + text.size(), back);
    if (back == value) return text;
  }
  return printed("%.*e", kMost, double{value});
}

// The same number without an exponent.
std::string fixed_from(std::string_view scientific, double value) {
  const std::size_t e = scientific.find('e');
  const int exponent = std::stoi(std::string(scientific.substr(e + 1)));
  const bool negative = scientific.starts_with('-');
  const std::size_t point = scientific.find('.');
  const int decimals = point == scientific.npos ? 0 : static_cast<int>(e - point - 1);
  // Whole numbers are written out in full: the shortest text may have only their first few digits.
  if (exponent >= decimals) return printed("%.*f", 0, value);
  std::string digits(scientific.substr(negative ? 1 : 0, 1));
  if (decimals > 0) digits += scientific.substr(point + 1, static_cast<std::size_t>(decimals));
  std::string text = negative ? "-" : "";
  if (exponent < 0) return text + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  return text + digits.substr(0, whole) + "." + digits.substr(whole);
}

template <typename Number>
std::to_chars_result write_shortest(char* begin, char* end, Number value) {
  if (std::isnan(value)) return put(begin, end, std::signbit(value) ? "-nan" : "nan");
  if (std::isinf(value)) return put(begin, end, value < 0 ? "-inf" : "inf");
  const std::string scientific = shortest_scientific(value);
  const std::string fixed = fixed_from(scientific, double{value});
  return put(begin, end, fixed.size() <= scientific.size() ? fixed : scientific);
}

}  // namespace

std::to_chars_result fraction_to_chars(char* begin, char* end, double value) {
  return write_shortest(begin, end, value);
}
std::to_chars_result fraction_to_chars(char* begin, char* end, float value) {
  return write_shortest(begin, end, value);
}
std::to_chars_result fraction_to_chars(char* begin, char* end, double value, int digits) {
  return put(begin, end, printed("%.*f", digits, value));
}

}  // namespace mien::detail
