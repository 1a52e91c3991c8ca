// Small helpers for text. None of them looks at the locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/shape.hpp"

namespace mien {

/// `text` without the ASCII blanks (`space, \t \n \v \f \r`) at both ends.
std::string_view trim(std::string_view text);

/// ASCII capitals made small; everything else stays.
char lower(char c);
/// The same of a text.
std::string lower(std::string text);

/// The pieces of `text` between separators: one more piece than separators, so "" gives one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The pieces one behind the other, with `separator` between them.
std::string join(std::span<const std::string> pieces, std::string_view separator);

/// A field of CSV: in double quotes when the text holds what would end the field (RFC 4180).
std::string csv_field(std::string_view text);

/// The shortest decimal text that reads back as exactly `value`: "0.1", "1e+30", "-0", "nan", "inf".
std::string format_number(double value);
/// The double nearest to the shortest decimal text of `value`: 0.0001 for 1e-4f, not 9.999999747378752e-05.
double shortest_decimal(float value);
/// `value` with a fixed number of digits (0 .. 64) behind the point: format_fixed(0.5, 2) is "0.50".
std::string format_fixed(double value, int digits);

/// The whole of `text` as a decimal integer: "17", "-3". No blanks, no '+', nothing behind it, no overflow.
std::optional<Index> parse_index(std::string_view text);
/// The whole of `text` as a finite decimal number: "1", "-2.5e-3". No blanks, no '+', no nan, no inf, no
/// hexadecimal; nothing when it is outside the range of double, be it too large or too small.
std::optional<double> parse_double(std::string_view text);

/// A character decoded from UTF-8 and the number of bytes it took: 0 when the bytes are not UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
};
/// The first character of `text`, which must not be empty. Refuses overlong forms, surrogates and values
/// above U+10FFFF (RFC 3629).
CodePoint decode_utf8(std::string_view text);
/// Whether all of `text` is UTF-8.
bool is_utf8(std::string_view text);
/// UTF-8 without control characters.
bool is_printable(std::string_view text);

/// What a text file holds, without the byte order mark that some editors put in front of UTF-8. Throws
/// DataError, naming `source`, for UTF-16 and UTF-32. Whether all of it is UTF-8 is not looked at.
std::string_view utf8_text(std::string_view text, std::string_view source);

/// RFC 4648, with '=' at the end where there are too few bytes.
std::string base64(std::string_view bytes);

/// "12,345": in groups of three, as people read it.
std::string grouped(std::uint64_t value);

/// A word to be pasted into a shell: in single quotes where the shell would take it for something else, and
/// with what a terminal cannot show in the form that bash, ksh and zsh know: $'\\xNN'.
std::string shell_quoted(std::string_view text);

/// `text` as it may be shown on a terminal, whose commands are control characters: these, line breaks too, and
/// bytes that are not UTF-8 become `\xNN`, and all else stays. Names of files may hold any of them, and so may
/// messages about files.
std::string printable(std::string_view text);

/// `text` in double quotes, for messages: control characters and bytes that are not UTF-8 become `\xNN`, a
/// quote and a backslash get a backslash, and what follows the first `max_characters` becomes "...".
std::string quote(std::string_view text, std::size_t max_characters = 80);

}  // namespace mien
