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

/// Calls take(number of the field from 0 on, next_field of it, where it begins) for all of a line; how many
/// they are.
template <typename Take>
std::size_t for_each_field(const std::string& name, const CsvLine& line, Take take) {
  std::size_t fields = 0;
  for (const char* at = line.begin();; ++at) {
    const char* const begin = at;
    take(fields++, next_field(name, line, at), begin);
    if (at == line.end()) return fields;
  }
}

/// The lines of a text one after the other, without the blank ones at its end. Throws DataError for a text that
/// is not UTF-8, or blank, and as fail() for a line of more than `most_bytes`.
class CsvLines {
 public:
  CsvLines(std::string_view text, const std::string& name, std::size_t most_bytes = std::string_view::npos);

  bool done() const { return at_ >= text_.size(); }
  CsvLine next();

 private:
  std::string_view text_;
  const std::string& name_;
  std::size_t most_bytes_;
  std::size_t at_ = 0, number_ = 0;
};

/// A value for messages: numbers as they are, other texts in quotes.
std::string shown(std::string_view value);

}  // namespace mien::data::detail
