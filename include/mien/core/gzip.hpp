// Unpacks a whole gzip file (RFC 1952) held in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mien {

/// Whether the bytes begin as a gzip file does (1f 8b).
bool is_gzip(std::span<const std::uint8_t> bytes);

/// The unpacked contents, of several members one behind the other; zeros behind the last are passed over, as
/// gzip does. `name` begins every error text, which says where a bad member begins. Throws DataError for a
/// damaged or shortened file, a wrong checksum, something else behind the last member, and contents of more
/// than `max_bytes` or 2^31-1 bytes, or of more than 256 MiB and a hundred times the packed size. Memory is
/// asked for once where there is one member, never more than deflate's 1032 times the packed size.
std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> bytes, std::string_view name,
                                 std::size_t max_bytes = std::size_t{0x7fffffff});

}  // namespace mien
