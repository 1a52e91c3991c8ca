#include "data/csv_line.hpp"

#include <algorithm>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::data::detail {
namespace {

// Unlike trim, keeps the place of an empty text.
std::string_view without_end_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

}  // namespace

void fail(const std::string& name, const CsvLine& line, const char* at, const std::string& what) {
  const std::size_t zero = line.text.find('\0');
  const bool binary = zero != std::string_view::npos;
  const std::size_t column = binary ? zero : static_cast<std::size_t>(at - line.begin());
  std::string text = name + ":" + std::to_string(line.number) + ":" + std::to_string(column + 1) + ": ";
  text += binary ? "a zero byte: this is not a text file" : what;
  if (line.unfinished && !binary) text += " (the file ends within this line: it may be cut short)";
  throw DataError(text);
}

std::string_view next_field(const std::string& name, const CsvLine& line, const char*& at) {
  const char* const end = line.end();
  while (at != end && (*at == ' ' || *at == '\t')) ++at;
  const char* const begin = at;
  if (at == end || *at != '"') {
    at = std::find(at, end, ',');
    return without_end_blanks({begin, at});
  }
  for (++at; at != end && (*at != '"' || (at + 1 != end && at[1] == '"')); ++at) at += *at == '"';
  if (at == end) fail(name, line, begin, "the quote that opens here is not closed on this line");
  const std::string_view content(std::find_if(begin + 1, at, [](char c) { return c != ' '; }), at);
  const char* const after = std::find(++at, end, ',');
  if (!trim({at, after}).empty()) fail(name, line, at, "expected a comma behind the closing quote");
  at = after;
  return without_end_blanks(content);
}

CsvLines::CsvLines(std::string_view text, const std::string& name, std::size_t most_bytes)
    : text_(utf8_text(text, name)), name_(name), most_bytes_(most_bytes) {
  text_ = text_.substr(0, text_.find_last_not_of(" \t\r\n") + 1);
  if (text_.empty()) throw DataError(name + ": the file is empty");
}

CsvLine CsvLines::next() {
  const std::size_t end = std::min(text_.find('\n', at_), text_.size());
  CsvLine line{text_.substr(at_, end - at_), ++number_, false};
  at_ = end + 1;
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  if (line.text.size() > most_bytes_) {
    fail(name_, line, line.begin() + most_bytes_,
         "the line is longer than " + std::to_string(most_bytes_) + " bytes");
  }
  return line;
}

std::string shown(std::string_view value) {
  if (value.empty()) return "empty";
  const bool number = value.find_first_not_of("0123456789.+-") == std::string_view::npos;
  return number && value.size() <= kShownCharacters ? std::string(value) : quote(value, kShownCharacters);
}

}  // namespace mien::data::detail
