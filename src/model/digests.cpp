#include "model/digests.hpp"

#include <algorithm>
#include <optional>

#include "mien/core/crc32.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::model {
namespace {

constexpr std::size_t kDigits = 8;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kZeros = "00000000";

std::span<const std::uint8_t> bytes_in(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string hex(std::uint32_t sum) {
  std::string text(kDigits, '0');
  for (std::size_t i = 0; i < kDigits; ++i) text[i] = kHexDigits[sum >> (28 - 4 * i) & 15];
  return text;
}

std::optional<std::uint32_t> from_hex(std::string_view text) {
  std::uint32_t sum = 0;
  for (const char c : text) {
    const std::size_t digit = kHexDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    sum = sum << 4 | static_cast<std::uint32_t>(digit);
  }
  return sum;
}

// Where the digits of the header's digest are; npos where there are none. Quotes within texts are escaped.
std::size_t digits_of(std::string_view start) {
  const std::string key = quote(kHeaderDigestKey) + ":\"";
  std::size_t found = start.find(key);
  while (found != std::string_view::npos && found > 0 && start[found - 1] == '\\')
    found = start.find(key, found + 1);
  const std::size_t digits = found + key.size();
  return found == std::string_view::npos || digits + kDigits > start.size() ? std::string_view::npos : digits;
}

std::uint32_t sum_of(std::string_view start, std::size_t digits) {
  std::uint32_t sum = crc32(bytes_in(start.substr(0, digits)));
  sum = crc32(bytes_in(kZeros), sum);
  return crc32(bytes_in(start.substr(digits + kDigits)), sum);
}

// The metadata or the tensor in whose part of the header this byte is.
std::string_view field_at(std::string_view start, std::size_t at) {
  std::string_view field = "its length";
  for (std::size_t i = start.find('{'); i < start.size(); ++i) {
    if (start[i] != '"') continue;
    const std::size_t begin = i + 1;
    for (i = begin; i < start.size() && start[i] != '"'; ++i) i += start[i] == '\\';
    if (begin > at) break;
    const std::string_view text = start.substr(begin, i - begin);
    const bool key = i + 1 < start.size() && start[i + 1] == ':';
    if (key && text != "dtype" && text != "shape" && text != "data_offsets") field = text;
  }
  return field;
}

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw DataError(where + ": " + what);
}

}  // namespace

bool is_digest_key(std::string_view key) {
  return key == kHeaderDigestKey || key.starts_with(kTensorDigestPrefix);
}

std::string digest_of(std::span<const std::byte> bytes) {
  return hex(crc32_by_threads({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
}

void seal_header(std::string& start) {
  const std::size_t digits = digits_of(start);
  start.replace(digits, kDigits, hex(sum_of(start, digits)));
}

bool check_header(std::string_view start, const std::string& where) {
  const std::size_t digits = digits_of(start);
  if (digits == std::string_view::npos) return false;
  const std::string_view written = start.substr(digits, kDigits);
  const std::uint32_t sum = sum_of(start, digits);
  if (hex(sum) == written) return true;
  const std::optional<std::uint32_t> expected = from_hex(written);
  const auto bit = expected ? crc32_flipped_bit(sum, *expected, start.size()) : std::nullopt;
  if (!bit) fail(where, "the header is " + std::string(kDamaged));
  std::string mended(start);
  mended[*bit / 8] = static_cast<char>(mended[*bit / 8] ^ (1 << *bit % 8));
  fail(where, "the header is damaged: a bit of byte " + std::to_string(*bit / 8) + " was flipped, at " +
                  quote(field_at(mended, *bit / 8)));
}

void check_complete(const Metadata& digests, std::span<const TensorEntry> tensors, bool header,
                    const std::string& where) {
  if (digests.empty() && !header) return;
  if (!header) fail(where, "the header is damaged: " + quote(kHeaderDigestKey) + " is missing");
  for (const TensorEntry& tensor : tensors) {
    if (!digests.contains(tensor.name)) fail(where, "tensor " + quote(tensor.name) + ": has no digest");
  }
  if (digests.size() != tensors.size()) fail(where, "the header has digests of tensors that are not there");
}

}  // namespace mien::model
