// What a safetensors file says about its own bytes, as metadata that any program can read: "mien.crc32" is the
// CRC-32 (zlib's) of the length and the header, its own eight digits taken as zeros; "mien.crc32.NAME" that of
// a tensor.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mien/model/safetensors.hpp"

namespace mien::model {

inline constexpr std::string_view kHeaderDigestKey = "mien.crc32";
inline constexpr std::string_view kTensorDigestPrefix = "mien.crc32.";

/// What is the matter where bytes do not have their digest.
inline constexpr std::string_view kDamaged =
    "damaged, or changed by a program that leaves its digests as they were";

/// Whether metadata of this name are a digest.
bool is_digest_key(std::string_view key);

/// Eight lower-case hexadecimal digits. All threads compute it where there are many bytes.
std::string digest_of(std::span<const std::byte> bytes);

/// Puts the header's digest into `start`, the file's length and header, whose digits for it are zeros so far.
void seal_header(std::string& start);

/// Throws DataError, `where` in front, where the header of a file says that it is not what was written: it
/// names the tensor or the metadata where one bit was flipped. `start` is the file's length and header. False
/// where the header holds no digest of itself.
bool check_header(std::string_view start, const std::string& where);

/// Throws DataError, `where` in front, unless there is one digest for each tensor, and the header has one, or
/// there are none at all.
void check_complete(const Metadata& digests, std::span<const TensorEntry> tensors, bool header,
                    const std::string& where);

}  // namespace mien::model
