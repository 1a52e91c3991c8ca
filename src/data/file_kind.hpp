// Files that are given for what is inside of them, or instead of it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mien::data::detail {

/// Throws DataError that says what the file is, and how to get at what is wanted, for bytes that begin as an
/// archive, a compressed file other than gzip, a spreadsheet, an image or another well-known kind do.
void refuse_other_kinds(std::span<const std::uint8_t> bytes, std::string_view name);

/// The same for what was unpacked from a gzip file of that name.
void refuse_other_kinds_unpacked(std::span<const std::uint8_t> bytes, std::string_view name);

}  // namespace mien::data::detail
