// What stb_image leaves out before it decodes a GIF: the size, a whole first frame.
// https://www.w3.org/Graphics/GIF/ (spec-gif89a.txt)
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "image/formats.hpp"

namespace mien::image::detail {
namespace {

constexpr std::size_t kHeader = 13;      // signature and logical screen descriptor
constexpr std::size_t kDescriptor = 9;   // of an image, behind its separator
constexpr std::uint8_t kTrailer = 0x3b;  // behind the last image
constexpr std::size_t kBackground = 11;  // where the header says which color it is

constexpr unsigned kMostColorBits = 8;
constexpr unsigned kMostCodeBits = 12;

/// How many pixels the codes of an image stand for: LZW with only the lengths of its table.
class LzwLengths {
 public:
  LzwLengths(unsigned color_bits, std::uint64_t wanted)
      : color_bits_(color_bits), clear_(std::size_t{1} << color_bits), wanted_(wanted) {
    lengths_.fill(1);
    clear_table();
  }

  bool is_whole() const { return pixels_ >= wanted_; }

  /// Takes the next byte; false where no more are to come: all are there, or a code ends the image or is none.
  bool take(std::uint8_t byte) {
    bits_ |= std::uint32_t{byte} << count_;
    count_ += 8;
    while (count_ >= code_bits_) {
      const std::size_t code = bits_ & ((1U << code_bits_) - 1);
      bits_ >>= code_bits_;
      count_ -= code_bits_;
      if (!take_code(code) || is_whole()) return false;
    }
    return true;
  }

 private:
  void clear_table() {
    next_ = clear_ + 2;
    code_bits_ = color_bits_ + 1;
    length_before_ = 0;
  }

  bool take_code(std::size_t code) {
    if (code == clear_) {
      clear_table();
      return true;
    }
    if (code == clear_ + 1 || code > next_ || (code == next_ && length_before_ == 0)) return false;
    if (length_before_ > 0 && next_ < lengths_.size()) {
      lengths_[next_++] = length_before_ + 1;
      if (next_ == std::size_t{1} << code_bits_ && code_bits_ < kMostCodeBits) ++code_bits_;
    }
    length_before_ = lengths_[code];
    pixels_ += length_before_;
    return true;
  }

  unsigned color_bits_;
  std::size_t clear_;  // the code that empties the table; the next one ends the image
  std::uint64_t wanted_;
  std::array<std::uint32_t, std::size_t{1} << kMostCodeBits> lengths_ = {};
  std::size_t next_ = 0;  // the code that the table is extended by
  unsigned code_bits_ = 0;
  std::uint32_t length_before_ = 0;  // of the code before; 0: none
  std::uint32_t bits_ = 0;
  unsigned count_ = 0;
  std::uint64_t pixels_ = 0;
};

class GifWalk {
 public:
  GifWalk(Bytes bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  /// The number of bytes to the end of the first image.
  std::size_t end_of_first_image() {
    at_ = kHeader;
    skip_palette(bytes_[10]);
    for (;;) {
      switch (next_byte()) {
        case 0x21:  // extension: its label, then its data
          next_byte();
          skip_blocks();
          break;
        case 0x2c:
          skip(kDescriptor);
          read_image(le16(bytes_, at_ - 5), le16(bytes_, at_ - 3), bytes_[at_ - 1]);
          return at_;
        case kTrailer:
          fail(name_, "damaged GIF: no image in it");
        default:
          fail(name_, "damaged GIF: no block at byte " + std::to_string(at_ - 1));
      }
    }
  }

 private:
  void skip(std::size_t count) {
    if (bytes_.size() - at_ < count) fail(name_, "truncated GIF");
    at_ += count;
  }
  std::uint8_t next_byte() {
    skip(1);
    return bytes_[at_ - 1];
  }
  void skip_palette(std::uint8_t flags) {
    if ((flags & 0x80) != 0) skip(std::size_t{3} << ((flags & 7) + 1));
  }
  void read_image(std::uint64_t width, std::uint64_t height, std::uint8_t flags) {
    if (width == 0 || height == 0) fail(name_, "damaged GIF: a frame without pixels");
    skip_palette(flags);
    const unsigned color_bits = next_byte();
    if (color_bits > kMostColorBits)
      fail(name_, "damaged GIF: colors of " + std::to_string(color_bits) + " bits");
    LzwLengths lengths(color_bits, width * height);
    bool more = true;
    while (const std::size_t length = next_byte()) {
      skip(length);
      for (std::size_t i = at_ - length; more && i < at_; ++i) more = lengths.take(bytes_[i]);
    }
    if (!lengths.is_whole()) fail(name_, "truncated GIF: not all pixels of its first frame are there");
  }
  void skip_blocks() {
    while (const std::size_t length = next_byte()) skip(length);
  }

  Bytes bytes_;
  std::string_view name_;
  std::size_t at_ = 0;
};

}  // namespace

Raster decode_gif(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels) {
  if (bytes.size() < kHeader) fail(name, "truncated GIF");
  check_picture_size(name, static_cast<Index>(le16(bytes, 6)), static_cast<Index>(le16(bytes, 8)), limits);
  const std::size_t end = GifWalk(bytes, name).end_of_first_image();
  std::vector<std::uint8_t> first(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(end));
  first.push_back(kTrailer);
  // stb_image paints what the frame leaves free in a background color, with red and blue exchanged; viewers
  // leave it transparent.
  first[kBackground] = 0;
  return decode_with_stb(first, name, "GIF", limits, channels);
}

}  // namespace mien::image::detail
