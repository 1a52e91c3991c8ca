#include "mien/core/gzip.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "core/byte_order.hpp"
#include "mien/core/crc32.hpp"
#include "mien/core/error.hpp"

// Of stb_image only the inflate, which comes with PNG and works within the two buffers it is given. (Without
// any format that uses all of its helpers, version 2.30 does not compile.)
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
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

namespace mien {
namespace {

constexpr std::size_t kHeaderBytes = 10;
constexpr std::size_t kTrailerBytes = 8;
// A deflate symbol costs at least one bit and a length-distance pair two, for at most 258 bytes.
constexpr std::uint64_t kMaxRatio = 1032;
// Line breaks alone come to a thousand times their packed size. Text of a file that is larger than this,
// unpacked, does not come to more than so many times it.
constexpr std::uint64_t kTrustedBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kMostOfText = 100;
// For a member whose size is not known before; doubled until it fits.
constexpr std::size_t kFirstRoom = 1024;

enum HeaderFlag : std::uint8_t { checksum = 2, extra = 4, name = 8, comment = 16, reserved = 0xe0 };

using mien::detail::le32;

[[noreturn]] void fail(std::string_view file, const std::string& what) {
  throw DataError(std::string(file) + ": " + what);
}

// The position after the zero byte that ends a file name or a comment; bytes.size() when there is none.
std::size_t after_text(std::span<const std::uint8_t> bytes, std::size_t position) {
  while (position < bytes.size() && bytes[position] != 0) ++position;
  return std::min(position + 1, bytes.size());
}

enum class Inflated { whole, damaged, cut_short, too_long };

// Unpacks one deflate stream to `to`. `packed` may go on behind it (and has to, by two bytes: stb reports an
// early end otherwise); how long the stream is, and what came out, go into the last two.
Inflated inflate(std::span<const std::uint8_t> packed, std::span<std::uint8_t> to, std::size_t& consumed,
                 std::size_t& produced) {
  stbi__zbuf state{};
  state.zbuffer = const_cast<stbi_uc*>(packed.data());  // read only
  state.zbuffer_end = state.zbuffer + packed.size();
  char* const out = reinterpret_cast<char*>(to.data());
  if (stbi__do_zlib(&state, out, static_cast<int>(to.size()), 0, 0) == 0) {
    const std::string_view reason = stbi__g_failure_reason;
    if (reason == "output buffer limit") return Inflated::too_long;
    const bool at_end = state.zbuffer >= state.zbuffer_end || reason == "read past buffer";
    return at_end ? Inflated::cut_short : Inflated::damaged;
  }
  // Whole bytes that were fetched and not needed count as not consumed.
  consumed =
      static_cast<std::size_t>(state.zbuffer - packed.data()) - static_cast<std::size_t>(state.num_bits) / 8;
  produced = static_cast<std::size_t>(state.zout - out);
  return Inflated::whole;
}

/// Unpacks the members of a file one behind the other.
class Unpacker {
 public:
  Unpacker(std::span<const std::uint8_t> bytes, std::string_view file, std::size_t max_bytes)
      : bytes_(bytes),
        file_(file),
        max_bytes_(std::min<std::uint64_t>(max_bytes, std::max(kTrustedBytes, kMostOfText * bytes.size()))) {}

  std::vector<std::uint8_t> unpack() {
    contents_.reserve(1);  // so that data() is never null
    // What the last member says it holds: all there is, where it is the only one.
    std::size_t expected = le32(bytes_, bytes_.size() - 4);
    while (at_ < bytes_.size() && !only_zeros()) {
      const std::size_t before = contents_.size();
      if (at_ > 0) reserve_for_the_rest(expected);
      read_member(expected);
      expected = contents_.size() - before;  // members made by one program are alike
    }
    return std::move(contents_);
  }

 private:
  // Some tapes and tools fill their last block up.
  bool only_zeros() const {
    return at_ > 0 && std::all_of(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), bytes_.end(),
                                  [](std::uint8_t byte) { return byte == 0; });
  }

  [[noreturn]] void fail_here(const std::string& what) const {
    fail(file_, "the gzip file " + what + ", in the member that begins at byte " + std::to_string(at_));
  }

  // Where the packed data of the member begin.
  std::size_t header_size(std::span<const std::uint8_t> bytes) const {
    if (bytes.size() < kHeaderBytes + kTrailerBytes) fail_here("is cut short");
    if (bytes[2] != 8) fail_here("has the unknown compression method " + std::to_string(bytes[2]));
    const std::uint8_t flags = bytes[3];
    if ((flags & HeaderFlag::reserved) != 0) fail_here("has reserved flags set");
    std::size_t position = kHeaderBytes;
    if ((flags & HeaderFlag::extra) != 0) {
      position += 2 + (std::size_t{bytes[kHeaderBytes]} | std::size_t{bytes[kHeaderBytes + 1]} << 8);
    }
    if ((flags & HeaderFlag::name) != 0) position = after_text(bytes, position);
    if ((flags & HeaderFlag::comment) != 0) position = after_text(bytes, position);
    if ((flags & HeaderFlag::checksum) != 0) position += 2;
    if (position > bytes.size() - kTrailerBytes) fail_here("is cut short");
    return position;
  }

  // Where the rest is packed as what has been read, and a member is no longer than the last, nothing has to be
  // copied for room.
  void reserve_for_the_rest(std::size_t last_member) {
    const std::uint64_t all = std::uint64_t{contents_.size()} * bytes_.size() / at_ + last_member;
    contents_.reserve(
        static_cast<std::size_t>(std::min({std::uint64_t{max_bytes_}, kMaxRatio * bytes_.size(), all})));
  }

  void read_member(std::size_t expected) {
    const std::span<const std::uint8_t> rest = bytes_.subspan(at_);
    if (at_ > 0 && !is_gzip(rest)) {
      fail(file_, "the gzip file ends at byte " + std::to_string(at_) + ", and " + std::to_string(rest.size()) +
                      " bytes of something else follow");
    }
    const std::size_t begin = header_size(rest);
    const std::size_t start = contents_.size();
    const std::size_t end = begin + inflate_member(rest.subspan(begin), expected);
    if (end > rest.size() - kTrailerBytes) fail_here("is cut short");
    const std::span<const std::uint8_t> member = std::span<const std::uint8_t>(contents_).subspan(start);
    if (le32(rest, end + 4) != member.size() || le32(rest, end) != crc32(member)) {
      fail_here("is damaged");
    }
    at_ += end + kTrailerBytes;
  }

  // Appends what is in the stream that begins `rest`, and returns its length.
  std::size_t inflate_member(std::span<const std::uint8_t> rest, std::size_t expected) {
    const std::size_t start = contents_.size();
    const std::size_t allowed = max_bytes_ - start;
    const auto possible = static_cast<std::size_t>(std::min<std::uint64_t>(allowed, kMaxRatio * rest.size()));
    std::size_t room = expected > 0 && expected <= possible ? expected : std::min(kFirstRoom, possible);
    for (;;) {
      contents_.resize(start + room);
      std::size_t consumed = 0, produced = 0;
      const Inflated result = inflate(rest, std::span(contents_).subspan(start), consumed, produced);
      if (result == Inflated::whole) {
        contents_.resize(start + produced);
        return consumed;
      }
      // Damage can also lead past the end.
      if (result == Inflated::cut_short) fail_here("is cut short or damaged");
      if (result == Inflated::damaged || (room == possible && possible < allowed)) fail_here("is damaged");
      if (room == possible) {
        fail(file_, "the gzip file unpacks to more than the " + std::to_string(max_bytes_) + " bytes allowed");
      }
      room = std::min(2 * room, possible);
      if (start == 0) contents_ = {};  // to be unpacked anew, so not to be copied
    }
  }

  std::span<const std::uint8_t> bytes_;
  std::string_view file_;
  std::size_t max_bytes_;
  std::size_t at_ = 0;
  std::vector<std::uint8_t> contents_;
};

}  // namespace

bool is_gzip(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> bytes, std::string_view file,
                                 std::size_t max_bytes) {
  if (!is_gzip(bytes)) fail(file, "not a gzip file");
  constexpr std::size_t kIntMax = std::numeric_limits<int>::max();
  if (bytes.size() > kIntMax) fail(file, "a gzip file of more than 2 GB cannot be read: unpack it first");
  if (bytes.size() < kHeaderBytes + kTrailerBytes) fail(file, "the gzip file is cut short");
  return Unpacker(bytes, file, std::min(max_bytes, kIntMax)).unpack();
}

}  // namespace mien
