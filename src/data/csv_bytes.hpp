// The text of a CSV file, packed or not.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/file_kind.hpp"
#include "mien/core/error.hpp"
#include "mien/core/gzip.hpp"

namespace mien::data::detail {

/// Calls use(text) with what the bytes of the file `name` hold. Throws DataError for a file larger than
/// `max_bytes`, and as refuse_other_kinds does.
template <typename Use>
auto with_csv_text(std::span<const std::uint8_t> bytes, const std::string& name, std::size_t max_bytes,
                   Use use) {
  const auto text_of = [](std::span<const std::uint8_t> text) {
    return std::string_view(reinterpret_cast<const char*>(text.data()), text.size());
  };
  if (bytes.size() > max_bytes) {
    throw DataError(name + ": the file is larger than " + std::to_string(max_bytes) + " bytes");
  }
  refuse_other_kinds(bytes, name);
  if (!is_gzip(bytes)) return use(text_of(bytes));
  const std::vector<std::uint8_t> text = gunzip(bytes, name, max_bytes);
  refuse_other_kinds_unpacked(text, name);
  return use(text_of(text));
}

}  // namespace mien::data::detail
