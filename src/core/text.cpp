#include "mien/core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/from_chars.hpp"
#include "core/to_chars.hpp"
#include "mien/core/error.hpp"

namespace mien {

namespace {

constexpr std::string_view kBlanks = " \t\n\v\f\r";

template <typename Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = detail::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

void append_hex_escape(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += "\\x";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

// C0, DEL and C1: what a terminal may act on.
bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool is_printable(CodePoint c) {
  return c.bytes > 0 && !is_control(c.value);
}

// Appends the first character of `text` as it may be shown, and takes it away.
void move_printable(std::string& out, std::string_view& text, CodePoint first) {
  const std::size_t bytes = std::max<std::size_t>(first.bytes, 1);
  if (is_printable(first)) {
    out += text.substr(0, bytes);
  } else {
    for (const char raw : text.substr(0, bytes)) append_hex_escape(out, raw);
  }
  text.remove_prefix(bytes);
}

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string text) {
  for (char& c : text) c = lower(c);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, begin)) {
    pieces.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

std::string join(std::span<const std::string> pieces, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) text += separator;
    text += pieces[i];
  }
  return text;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

std::string format_number(double value) {
  std::array<char, 32> buffer;  // the longest shortest form has 24 characters
  const auto result = detail::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), result.ptr);
}

double shortest_decimal(float value) {
  char text[32];
  const auto written = detail::to_chars(text, text + sizeof text, value);
  return parse_double({text, static_cast<std::size_t>(written.ptr - text)}).value_or(double{value});
}

std::string format_fixed(double value, int digits) {
  std::array<char, 384> buffer;  // sign, 309 digits, point, 64 digits
  const auto result =
      detail::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::clamp(digits, 0, 64));
  return std::string(buffer.data(), result.ptr);
}

std::optional<Index> parse_index(std::string_view text) {
  return parse_whole<Index>(text);
}

std::optional<double> parse_double(std::string_view text) {
  const std::optional<double> value = parse_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

CodePoint decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  char32_t value = first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3f);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < kSmallest[length] || value > 0x10ffff || surrogate) return {};
  return {value, length};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = decode_utf8(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (!is_printable(c)) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

std::string_view utf8_text(std::string_view text, std::string_view source) {
  using namespace std::string_view_literals;
  const auto refuse = [&](std::string_view encoding) {
    throw DataError(std::string(source) + ": the text is " + std::string(encoding) + ", save it as UTF-8");
  };
  // Ahead of UTF-16, whose mark the first begins with.
  if (text.starts_with("\xff\xfe\0\0"sv) || text.starts_with("\0\0\xfe\xff"sv)) refuse("UTF-32");
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) refuse("UTF-16");
  // Without a mark: every other byte of plain letters is zero.
  const auto zero = [&](std::size_t i) { return text[i] == '\0'; };
  const bool ends_even = text.size() >= 4 && text.size() % 2 == 0;
  if (ends_even && zero(0) != zero(1) && zero(0) == zero(2) && zero(1) == zero(3)) refuse("UTF-16");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(bytes.size() - i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < count ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= count ? kDigits[bits >> (18 - 6 * k) & 63u] : '=';
    }
  }
  return text;
}

std::string grouped(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string shell_quoted(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=+,:@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) return std::string(text);
  const bool shown = is_printable(text);
  std::string quoted;
  for (const char c : text) {
    if (shown && c == '\'') {
      quoted += "'\\''";
    } else {
      if (!shown && (c == '\'' || c == '\\')) quoted += '\\';
      quoted += c;
    }
  }
  return shown ? "'" + quoted + "'" : "$'" + printable(quoted) + "'";
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) move_printable(out, text, decode_utf8(text));
  return out;
}

std::string quote(std::string_view text, std::size_t max_characters) {
  std::string out = "\"";
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == max_characters) return out + "\"...";
    const CodePoint c = decode_utf8(text);
    if (c.value == '"' || c.value == '\\') out += '\\';
    move_printable(out, text, c);
  }
  return out + '"';
}

}  // namespace mien
