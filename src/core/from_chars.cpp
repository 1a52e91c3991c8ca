#include "core/from_chars.hpp"

#include <locale.h>
#include <stdlib.h>

#include <cmath>
#include <string>
#include <string_view>
#include <system_error>

namespace mien::detail {
namespace {

locale_t plain_locale() {
  static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
  return plain;
}

float convert(const char* text, char** end, float) {
  return strtof_l(text, end, plain_locale());
}
double convert(const char* text, char** end, double) {
  return strtod_l(text, end, plain_locale());
}

template <typename Number>
std::from_chars_result read_fraction(const char* begin, const char* end, Number& value) {
  // What strtod would take besides: blanks and a plus in front, hexadecimal, nan and inf.
  constexpr std::string_view kDigits = "0123456789";
  const std::string_view all(begin, static_cast<std::size_t>(end - begin));
  const std::string text(all.substr(0, all.find_first_not_of("0123456789.+-eE")));
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  const std::size_t digit = text.find_first_not_of('.', first);
  if (digit == text.npos || digit > first + 1 || kDigits.find(text[digit]) == kDigits.npos)
    return {begin, std::errc::invalid_argument};
  char* stop = nullptr;
  const Number number = convert(text.c_str(), &stop, Number{});
  const char* const read_to = begin + (stop - text.c_str());
  // Zero from nonzero digits is underflow.
  const std::string_view mantissa = std::string_view(text).substr(0, text.find_first_of("eE"));
  const bool vanished = number == 0 && mantissa.find_first_of("123456789") != mantissa.npos;
  if (std::isinf(number) || vanished) return {read_to, std::errc::result_out_of_range};
  value = number;
  return {read_to, std::errc()};
}

}  // namespace

std::from_chars_result fraction_from_chars(const char* begin, const char* end, float& value) {
  return read_fraction(begin, end, value);
}
std::from_chars_result fraction_from_chars(const char* begin, const char* end, double& value) {
  return read_fraction(begin, end, value);
}

}  // namespace mien::detail
