#include "mien/data/gzip.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "mien/core/error.hpp"

// Of stb_image only the inflate, which works within the two buffers it is given.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNM
#define STBI_SUPPORT_ZLIB
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_ASSERT(condition) static_cast<void>(0)
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace mien::data {
namespace {

constexpr std::size_t kHeaderBytes = 10;
constexpr std::size_t kTrailerBytes = 8;
// A deflate symbol costs at least one bit and a length-distance pair two, for at most 258 bytes.
constexpr std::uint64_t kMaxRatio = 1032;
constexpr const char* kDamaged = "the gzip file is damaged or cut short";

enum HeaderFlag : std::uint8_t { checksum = 2, extra = 4, name = 8, comment = 16, reserved = 0xe0 };

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

// Table k holds the effect of a byte that is followed by k zero bytes, so that eight bytes go at once.
constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    tables[0][i] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t i = 0; i < 256; ++i) {
      tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 255];
    }
  }
  return tables;
}
constexpr CrcTables kCrc = make_crc_tables();

std::uint32_t little_endian_u32(const std::uint8_t* p) {
  return static_cast<std::uint32_t>(p[0]) | static_cast<std::uint32_t>(p[1]) << 8 |
         static_cast<std::uint32_t>(p[2]) << 16 | static_cast<std::uint32_t>(p[3]) << 24;
}

[[noreturn]] void fail(std::string_view file, const std::string& what) {
  throw DataError(std::string(file) + ": " + what);
}

// The position after the zero byte that ends a file name or a comment; bytes.size() when there is none.
std::size_t after_text(std::span<const std::uint8_t> bytes, std::size_t position) {
  while (position < bytes.size() && bytes[position] != 0) ++position;
  return std::min(position + 1, bytes.size());
}

// Where the packed data begin.
std::size_t header_size(std::span<const std::uint8_t> bytes, std::string_view file) {
  if (bytes.size() < kHeaderBytes + kTrailerBytes) fail(file, "the gzip file is cut short");
  if (bytes[2] != 8) fail(file, "unknown gzip compression method " + std::to_string(bytes[2]));
  const std::uint8_t flags = bytes[3];
  if ((flags & HeaderFlag::reserved) != 0) fail(file, "the gzip header has reserved flags set");
  std::size_t position = kHeaderBytes;
  if ((flags & HeaderFlag::extra) != 0) {
    position += 2 + (std::size_t{bytes[kHeaderBytes]} | std::size_t{bytes[kHeaderBytes + 1]} << 8);
  }
  if ((flags & HeaderFlag::name) != 0) position = after_text(bytes, position);
  if ((flags & HeaderFlag::comment) != 0) position = after_text(bytes, position);
  if ((flags & HeaderFlag::checksum) != 0) position += 2;
  if (position > bytes.size() - kTrailerBytes) fail(file, "the gzip file is cut short");
  return position;
}

// Whether a gzip header lies among the packed data. Method, flags, hint and system are looked at as
// well: by chance they fit once in some 10^11 bytes.
bool holds_second_header(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 3> kMagic{0x1f, 0x8b, 8};
  auto at = bytes.begin();
  while (true) {
    at = std::search(at, bytes.end(), kMagic.begin(), kMagic.end());
    if (bytes.end() - at < static_cast<std::ptrdiff_t>(kHeaderBytes)) return false;
    const bool plausible_hint = at[8] == 0 || at[8] == 2 || at[8] == 4;
    if ((at[3] & HeaderFlag::reserved) == 0 && plausible_hint && (at[9] <= 13 || at[9] == 255)) return true;
    ++at;
  }
}

}  // namespace

bool is_gzip(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = ~std::uint32_t{0};
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    const std::uint32_t low = little_endian_u32(p) ^ crc;
    const std::uint32_t high = little_endian_u32(p + 4);
    crc = kCrc[7][low & 255] ^ kCrc[6][low >> 8 & 255] ^ kCrc[5][low >> 16 & 255] ^ kCrc[4][low >> 24] ^
          kCrc[3][high & 255] ^ kCrc[2][high >> 8 & 255] ^ kCrc[1][high >> 16 & 255] ^ kCrc[0][high >> 24];
  }
  for (; left > 0; ++p, --left) crc = (crc >> 8) ^ kCrc[0][(crc ^ *p) & 255];
  return ~crc;
}

std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> bytes, std::string_view file,
                                 std::size_t max_bytes) {
  if (!is_gzip(bytes)) fail(file, "not a gzip file");
  constexpr std::size_t kIntMax = std::numeric_limits<int>::max();
  if (bytes.size() > kIntMax) fail(file, "a gzip file of more than 2 GB cannot be read: unpack it first");
  const std::size_t begin = header_size(bytes, file);
  // The rest of the file would go unread, unnoticed when the members hold the same.
  if (holds_second_header(bytes.subspan(begin))) {
    fail(file, "several gzip members in one file are not supported: unpack it first");
  }

  const std::uint8_t* trailer = bytes.data() + bytes.size() - kTrailerBytes;
  const std::size_t size = little_endian_u32(trailer + 4);
  if (size > std::min(max_bytes, kIntMax)) {
    fail(file, "the gzip file says it unpacks to " + std::to_string(size) + " bytes, more than the " +
                   std::to_string(std::min(max_bytes, kIntMax)) + " allowed");
  }
  const std::size_t packed = bytes.size() - begin - kTrailerBytes;
  if (size > kMaxRatio * packed) fail(file, kDamaged);

  std::vector<std::uint8_t> contents;
  contents.reserve(size + 1);  // so that data() is never null
  contents.resize(size);
  // stb reports an early end when fewer than 16 bits follow the last symbol, so it is given the trailer too.
  const int unpacked = stbi_zlib_decode_noheader_buffer(
      reinterpret_cast<char*>(contents.data()), static_cast<int>(size),
      reinterpret_cast<const char*>(&bytes[begin]), static_cast<int>(packed + kTrailerBytes));
  if (unpacked < 0 || static_cast<std::size_t>(unpacked) != size) fail(file, kDamaged);
  if (crc32(contents) != little_endian_u32(trailer)) fail(file, kDamaged);
  return contents;
}

}  // namespace mien::data
