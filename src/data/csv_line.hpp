// A line of a CSV file, its fields, and errors that name a place in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mien::data::detail {

/// One line without its line break, and where it is.
struct CsvLine {
  std::string_view text;
  std::size_t number = 1;
  bool unfinished = false;  ///< the end of the file came before a line break

  const char* begin() const { return text.data(); }
  const char* end() const { return text.data() + text.size(); }
};

inline constexpr std::size_t kShownCharacters = 24;

/// Throws DataError `<name>:<line>:<column of at>: <what>`.
[[noreturn]] void fail(const std::string& name, const CsvLine& line, const char* at, const std::string& what);

/// What the field at `at` holds, without blanks and quotes around. Moves `at` to the comma behind it or to
/// the end of the line. Doubled quotes within stay doubled: no value that is accepted has any. Throws as
/// fail().
std::string_view next_field(const std::string& name, const CsvLine& line, const char*& at);

/// A value for messages: numbers as they are, other texts in quotes.
std::string shown(std::string_view value);

}  // namespace mien::data::detail
