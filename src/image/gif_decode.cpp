// What stb_image leaves out before it decodes a GIF: the size, a whole first frame.
// https://www.w3.org/Graphics/GIF/ (spec-gif89a.txt)
#include <string>
#include <vector>

#include "image/formats.hpp"

namespace mien::image::detail {
namespace {

constexpr std::size_t kHeader = 13;      // signature and logical screen descriptor
constexpr std::size_t kDescriptor = 9;   // of an image, behind its separator
constexpr std::uint8_t kTrailer = 0x3b;  // behind the last image
constexpr std::size_t kBackground = 11;  // where the header says which color it is

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
          skip_palette(bytes_[at_ - 1]);
          next_byte();  // the least number of bits in a code
          skip_blocks();
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
  check_size(name, static_cast<Index>(le16(bytes, 6)), static_cast<Index>(le16(bytes, 8)), limits);
  const std::size_t end = GifWalk(bytes, name).end_of_first_image();
  std::vector<std::uint8_t> first(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(end));
  first.push_back(kTrailer);
  // stb_image paints what the frame leaves free in a background color, with red and blue exchanged; viewers
  // leave it transparent.
  first[kBackground] = 0;
  return decode_with_stb(first, name, "GIF", limits, channels);
}

}  // namespace mien::image::detail
