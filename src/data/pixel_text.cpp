#include "data/pixel_text.hpp"

#include <bit>
#include <cstring>

namespace mien::data::detail {
namespace {

/// The number whose digits fill the lower `bits` of `digits`, 8 for each, the first digit lowest.
std::uint32_t number(std::uint64_t digits, int bits) {
  const auto aligned = static_cast<std::uint32_t>(digits) << (32 - bits);
  return (aligned >> 24) + 10 * ((aligned >> 16) & 255) + 100 * ((aligned >> 8) & 255);
}

}  // namespace

std::optional<std::uint8_t> parse_pixel(std::string_view digits) {
  if (digits.empty() || digits.size() > 3) return std::nullopt;
  unsigned value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > 255) return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

std::size_t read_pixels_fast(const char*& p, const char* end, std::uint8_t* out, std::size_t count) {
  if constexpr (std::endian::native != std::endian::little) return 0;
  std::size_t i = 0;
  for (; i + 2 <= count && end - p >= 8; i += 2) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    const std::uint64_t digits = word ^ 0x3030303030303030u;
    // The top bit of each byte that is not 0 .. 9.
    const std::uint64_t low = digits & 0x7f7f7f7f7f7f7f7fu;
    const std::uint64_t others = ((low + 0x7676767676767676u) | digits) & 0x8080808080808080u;
    const std::uint64_t others_behind = others & (others - 1);
    if (others_behind == 0) break;
    const int first = std::countr_zero(others) & ~7;  // 8 for each digit
    const int both = std::countr_zero(others_behind) & ~7;
    const int second = both - first - 8;
    if (first == 0 || first > 24 || second == 0 || second > 24) break;
    const std::uint32_t a = number(digits, first);
    const std::uint32_t b = number(digits >> (first + 8), second);
    if (a > 255 || b > 255 || ((word >> first) & 255) != ' ' || ((word >> both) & 255) != ' ') break;
    out[i] = static_cast<std::uint8_t>(a);
    out[i + 1] = static_cast<std::uint8_t>(b);
    p += both / 8 + 1;
  }
  return i;
}

}  // namespace mien::data::detail
