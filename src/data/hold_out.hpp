// Rows to choose a model by, where a data set names none.
#pragma once

#include <cstdint>
#include <span>

#include "mien/data/dataset.hpp"

namespace mien::data::detail {

/// FNV-1a, 64 bits, and a last mixing: its upper bits alone hardly depend on the last bytes.
std::uint64_t hold_out_hash(std::span<const std::uint8_t> bytes);

/// Turns a tenth of each class of Training, rounded, into PublicTest: the images with the smallest hashes, so
/// that one image more or less does not move the others. Returns how many. All three have an entry for each
/// image.
Index hold_out(std::span<const std::uint64_t> hashes, std::span<const std::uint8_t> labels,
               std::span<Split> splits);

}  // namespace mien::data::detail
