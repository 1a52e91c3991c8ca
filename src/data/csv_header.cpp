#include "data/csv_header.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "mien/core/text.hpp"

namespace mien::data::detail {
namespace {

constexpr std::array<std::string_view, kCsvColumns> kColumnNames{"emotion", "pixels", "Usage"};
constexpr std::size_t kMostShown = 8;
constexpr std::size_t kManyFields = 1000;

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// Whether the line names both columns that there have to be once it is split there.
bool names_columns(const CsvLine& line, char separator) {
  const std::vector<std::string_view> pieces = split(line.text, separator);
  const auto has = [&](std::string_view name) {
    return std::any_of(pieces.begin(), pieces.end(), [&](std::string_view piece) {
      piece = trim(piece);
      if (piece.size() >= 2 && piece.starts_with('"') && piece.ends_with('"')) {
        piece = piece.substr(1, piece.size() - 2);
      }
      return same_word(piece, name);
    });
  };
  return has(kColumnNames[kEmotion]) && has(kColumnNames[kPixelsColumn]);
}

void refuse_other_separators(const std::string& name, const CsvLine& line) {
  constexpr std::pair<char, std::string_view> kSeparators[] = {
      {';', "semicolons"}, {'\t', "tabs"}, {'|', "vertical bars"}};
  for (const auto& [separator, word] : kSeparators) {
    if (!names_columns(line, separator)) continue;
    fail(name, line, std::find(line.begin(), line.end(), separator),
         "columns are separated by " + std::string(word) + ", expected commas");
  }
}

[[noreturn]] void fail_without(const std::string& name, const CsvLine& line, CsvColumn missing,
                               const CsvHeader& header, const std::vector<std::string_view>& found) {
  std::string what = "no column named " + quote(kColumnNames[missing]);
  if (missing == kEmotion && header.at[kPixelsColumn] != CsvHeader::kAbsent) {
    fail(name, line, line.begin(),
         what +
             ": images without labels (as in the competition's test.csv) can "
             "neither be learned from nor measured on");
  }
  what += ", the first line has ";
  for (std::size_t i = 0; i < std::min(found.size(), kMostShown); ++i) {
    what += (i == 0 ? "" : ", ") + quote(found[i], kShownCharacters);
  }
  if (found.size() > kMostShown) what += ", ...";
  const bool is_row = !found[0].empty() && found[0].find_first_not_of("0123456789.") == std::string_view::npos;
  if (is_row) {
    what += ": it has to name the columns, such as emotion,pixels,Usage";
  } else if (missing == kPixelsColumn && header.fields > kManyFields) {
    what += ": all pixels of an image have to be in one column, with blanks between";
  }
  fail(name, line, line.begin(), what);
}

}  // namespace

CsvHeader read_csv_header(const std::string& name, const CsvLine& line) {
  refuse_other_separators(name, line);
  CsvHeader header;
  header.at.fill(CsvHeader::kAbsent);
  std::vector<std::string_view> found;
  header.fields =
      for_each_field(name, line, [&](std::size_t number, std::string_view field, const char* begin) {
        for (std::size_t column = 0; column < kCsvColumns; ++column) {
          if (!same_word(field, kColumnNames[column])) continue;
          if (header.at[column] != CsvHeader::kAbsent) {
            fail(name, line, begin, "a second column named " + quote(field));
          }
          header.at[column] = number;
        }
        if (found.size() <= kMostShown) found.push_back(field);
      });
  for (const CsvColumn column : {kEmotion, kPixelsColumn}) {
    if (header.at[column] == CsvHeader::kAbsent) fail_without(name, line, column, header, found);
  }
  return header;
}

std::optional<AnyHeader> find_table_header(const std::string& name, const CsvLine& line) {
  AnyHeader header;
  header.at.fill(CsvHeader::kAbsent);
  header.fields = for_each_field(name, line, [&](std::size_t number, std::string_view field, const char* at) {
    const auto take = [&](CsvColumn column) {
      if (header.at[column] != CsvHeader::kAbsent)
        fail(name, line, at, "a second column for the same, " + shown(field));
      header.at[column] = number;
    };
    if (same_word(field, kColumnNames[kPixelsColumn])) take(kPixelsColumn);
    if (is_one_of(kLabelColumns, field)) take(kEmotion);
    if (is_one_of(kSplitColumns, field)) take(kUsage);
    header.expressions = header.expressions || same_word(field, kColumnNames[kEmotion]);
  });
  if (header.at[kPixelsColumn] == CsvHeader::kAbsent || header.at[kEmotion] == CsvHeader::kAbsent)
    return std::nullopt;
  return header;
}

}  // namespace mien::data::detail
