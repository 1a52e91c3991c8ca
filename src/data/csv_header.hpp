// The first line of a CSV file: which column is which.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "data/csv_line.hpp"

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

}  // namespace mien::data::detail
