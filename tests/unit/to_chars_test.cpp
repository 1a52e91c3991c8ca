// What writes fractions where the standard library does not, against one that does.
#include "core/to_chars.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include "support/catch.hpp"

namespace {

template <typename Number>
std::string written(Number value) {
  char text[400];
  const auto [end, error] = mien::detail::fraction_to_chars(text, text + sizeof text, value);
  CHECK(error == std::errc());
  return {text, end};
}

template <typename Number>
std::string by_library(Number value) {
  char text[400];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

template <typename Number, typename Bits>
void check_many(Bits step) {
  Bits bits = 12345;
  for (int i = 0; i < 20000; ++i, bits += step) {
    Number value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isnan(value)) continue;
    INFO(bits);
    CHECK(written(value) == by_library(value));
  }
}

}  // namespace

TEST_CASE("fractions are written as std::to_chars writes them") {
  using Double = std::numeric_limits<double>;
  const std::vector<double> values = {0.0,
                                      -0.0,
                                      1,
                                      -2.5,
                                      0.1,
                                      1e-5,
                                      0.0001,
                                      0.00012345,
                                      123456,
                                      1e21,
                                      1e22,
                                      1e23,
                                      5e-324,
                                      1e100,
                                      -1e-9,
                                      1.0 / 3,
                                      9007199254740993.0,
                                      123456789012345680000.0,
                                      Double::max(),
                                      Double::min(),
                                      Double::infinity(),
                                      -Double::infinity()};
  for (const double value : values) {
    CHECK(written(value) == by_library(value));
    CHECK(written(static_cast<float>(value)) == by_library(static_cast<float>(value)));
  }
  CHECK(written(Double::quiet_NaN()) == "nan");
  check_many<double>(std::uint64_t{0x9e3779b97f4a7c15});
  check_many<float>(std::uint32_t{0x9e3779b9});
}

TEST_CASE("fractions are written with so many digits behind the point, where there is room") {
  const auto fixed = [](double value, int digits) {
    char text[400];
    return std::string(text, mien::detail::fraction_to_chars(text, text + sizeof text, value, digits).ptr);
  };
  CHECK(fixed(2.0 / 3, 3) == "0.667");
  CHECK(fixed(-1e3, 0) == "-1000");
  CHECK(fixed(-std::numeric_limits<double>::max(), 64).size() == 375);
  char text[3];
  CHECK(mien::detail::fraction_to_chars(text, text + sizeof text, 0.125).ec == std::errc::value_too_large);
}
