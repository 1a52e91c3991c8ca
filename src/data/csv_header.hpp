// The first line of a CSV file: which column is which.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "data/csv_line.hpp"
#include "mien/core/text.hpp"

namespace mien::data::detail {

enum CsvColumn : std::size_t { kEmotion, kPixelsColumn, kUsage, kCsvColumns };

struct CsvHeader {
  static constexpr std::size_t kAbsent = ~std::size_t{0};
  std::size_t fields = 0;
  std::array<std::size_t, kCsvColumns> at{};  ///< where each column stands in a row; kAbsent at most for kUsage

  bool has_usage() const { return at[kUsage] != kAbsent; }
};

/// Throws DataError for a line without the columns "emotion" and "pixels", saying what it seems to be instead.
CsvHeader read_csv_header(const std::string& name, const CsvLine& line);

/// What the column of labels, and that of splits, may be called in data of any classes, in small letters.
inline constexpr auto kLabelColumns =
    std::to_array<std::string_view>({"label", "class", "emotion", "expression", "category", "target"});
inline constexpr auto kSplitColumns = std::to_array<std::string_view>({"split", "usage", "subset", "set"});

template <typename Words>
bool is_one_of(const Words& words, std::string_view field) {
  return std::find(words.begin(), words.end(), lower(std::string(field))) != words.end();
}

/// The header of data of any classes that names pixels; nothing where it does not.
struct AnyHeader : CsvHeader {
  bool expressions = false;  ///< labels are in a column called "emotion"
};
std::optional<AnyHeader> find_table_header(const std::string& name, const CsvLine& line);

}  // namespace mien::data::detail
