// What reads fractions where the standard library does not, against one that does.
#include "core/from_chars.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <system_error>

#include "support/catch.hpp"

namespace {

struct Read {
  std::ptrdiff_t length;
  std::errc error;
  double value;
};

template <typename Number>
Read read_fraction(const std::string& text) {
  Number value = 17;
  const auto [end, error] = mien::detail::fraction_from_chars(text.data(), text.data() + text.size(), value);
  return {end - text.data(), error, double{value}};
}

}  // namespace

TEST_CASE("fractions are read by strtod as by from_chars") {
  const char* const texts[] = {"0",      "-0",     "1",      "-2.5e-3", "1e+30",  ".5",    "5.",
                               "1.5x",   "1e",     "1e5e5",  "1.2.3",   "-",      "+1",    " 1",
                               "",       ".",      "-.",     "-.e1",    "..1",    "e5",    "nothing",
                               "1e400",  "-1e400", "1e-400", "0e-999",  "1e-310", "1e-40", "3.4e38",
                               "3.5e38", "0x10",   "1,5",    "0.1",     "-.25",   "1-2",   "16777217"};
  for (const std::string text : texts) {
    INFO(text);
    const Read wide = read_fraction<double>(text);
    const Read narrow = read_fraction<float>(text);
#if defined(__cpp_lib_to_chars)
    const auto check = [&](const Read& mine, auto value) {
      value = 17;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      CHECK(mine.error == error);
      CHECK(mine.length == end - text.data());
      CHECK(std::bit_cast<std::uint64_t>(mine.value) == std::bit_cast<std::uint64_t>(double{value}));
    };
    check(wide, double{});
    check(narrow, float{});
#else
    CHECK((wide.length > 0 || wide.error == std::errc::invalid_argument));
    CHECK((narrow.length > 0 || narrow.error == std::errc::invalid_argument));
#endif
  }
}

TEST_CASE("fractions are read to the end of the text and no further") {
  const std::string text = "0.125625";
  double value = 0;
  const auto [end, error] = mien::detail::fraction_from_chars(text.data(), text.data() + 5, value);
  CHECK(error == std::errc());
  CHECK(end == text.data() + 5);
  CHECK(value == 0.125);
  CHECK(read_fraction<double>("inf").error == std::errc::invalid_argument);
  CHECK(read_fraction<double>("-nan").error == std::errc::invalid_argument);
}
