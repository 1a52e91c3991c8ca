// Windows bitmaps without compression: BITMAPCOREHEADER (12 bytes), BITMAPINFOHEADER (40, 52, 56) and
// versions 4 and 5 (108, 124); 1, 4 and 8 bits with a palette, 16, 24 and 32 bits with or without masks.
#include <array>
#include <bit>
#include <string>
#include <vector>

#include "image/formats.hpp"

namespace mien::image::detail {
namespace {

constexpr std::size_t kFileHeader = 14;

struct BmpHeader {
  std::size_t pixels_at = 0;
  std::size_t header_bytes = 0;
  std::uint32_t bits = 0;
  std::uint32_t compression = 0;
  std::uint32_t colors_used = 0;
  Index width = 0;
  Index height = 0;
  bool top_down = false;
};

BmpHeader parse_header(Bytes b, std::string_view name) {
  if (b.size() < kFileHeader + 12) fail(name, "truncated BMP");
  BmpHeader h;
  h.pixels_at = le32(b, 10);
  h.header_bytes = le32(b, 14);
  if (h.header_bytes == 12) {
    h.width = le16(b, 18);
    h.height = le16(b, 20);
    h.bits = le16(b, 24);
    return h;
  }
  bool known = false;
  for (const std::size_t size : {40, 52, 56, 108, 124}) known = known || h.header_bytes == size;
  if (!known) fail(name, "BMP with an unknown header of " + std::to_string(h.header_bytes) + " bytes");
  if (b.size() < kFileHeader + h.header_bytes) fail(name, "truncated BMP");
  h.width = static_cast<std::int32_t>(le32(b, 18));
  h.height = static_cast<std::int32_t>(le32(b, 22));
  h.top_down = h.height < 0;
  if (h.top_down) h.height = -h.height;
  h.bits = le16(b, 28);
  h.compression = le32(b, 30);
  h.colors_used = le32(b, 46);
  return h;
}

/// One color of a pixel of 16 or 32 bits, scaled to 0 .. 255.
class Channel {
 public:
  explicit Channel(std::uint32_t mask) : mask_(mask), shift_(mask == 0 ? 0 : std::countr_zero(mask)) {}
  std::uint32_t operator()(std::uint32_t pixel) const {
    const std::uint64_t maximum = mask_ >> shift_;
    if (maximum == 0) return 0;
    const std::uint64_t value = (pixel & mask_) >> shift_;
    return static_cast<std::uint32_t>((value * 255 + maximum / 2) / maximum);
  }

 private:
  std::uint32_t mask_;
  int shift_;
};

std::array<Channel, 3> read_masks(Bytes b, const BmpHeader& h, std::string_view name) {
  if (h.compression == 0) {
    if (h.bits == 16) return {Channel(0x7c00), Channel(0x03e0), Channel(0x001f)};
    return {Channel(0xff0000), Channel(0x00ff00), Channel(0x0000ff)};
  }
  const std::size_t at = kFileHeader + 40;  // behind a header of 40 bytes, inside a longer one
  if (b.size() < at + 12) fail(name, "truncated BMP");
  return {Channel(le32(b, at)), Channel(le32(b, at + 4)), Channel(le32(b, at + 8))};
}

/// Values for pixels, `channels` of them for each color.
struct Palette {
  std::size_t count = 0;
  std::vector<std::uint8_t> values;
};

/// The palette's entries that lie before the pixels.
Palette read_palette(Bytes b, const BmpHeader& h, std::string_view name, Index channels) {
  const std::size_t entry = h.header_bytes == 12 ? 3 : 4;
  const std::size_t at = kFileHeader + h.header_bytes;
  std::size_t count = std::size_t{1} << h.bits;
  if (h.colors_used != 0 && h.colors_used < count) count = h.colors_used;
  if (h.pixels_at > b.size()) fail(name, "truncated BMP");
  if (h.pixels_at < at + count * entry) fail(name, "damaged BMP: pixels begin inside the palette");
  Palette palette{count, std::vector<std::uint8_t>(count * static_cast<std::size_t>(channels))};
  std::uint8_t* to = palette.values.data();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t p = at + i * entry;
    to = put_color(to, channels, b[p + 2], b[p + 1], b[p]);
  }
  return palette;
}

void read_indexed_row(Bytes row, std::uint32_t bits, const Palette& palette, std::span<std::uint8_t> out,
                      Index channels, std::string_view name) {
  const std::uint32_t per_byte = 8 / bits;
  std::uint8_t* to = out.data();
  for (std::size_t x = 0; to != out.data() + out.size(); ++x) {
    const std::uint32_t shift = bits * (per_byte - 1 - static_cast<std::uint32_t>(x % per_byte));
    const std::size_t color = (std::uint32_t{row[x / per_byte]} >> shift) & ((1U << bits) - 1);
    if (color >= palette.count) {
      fail(name, "damaged BMP: color " + std::to_string(color) + " of " + std::to_string(palette.count));
    }
    to = put_values(to, channels, palette.values.data() + color * static_cast<std::size_t>(channels));
  }
}

void read_direct_row(Bytes row, std::uint32_t bits, const std::array<Channel, 3>& masks,
                     std::span<std::uint8_t> out, Index channels) {
  std::uint8_t* to = out.data();
  for (std::size_t x = 0; to != out.data() + out.size(); ++x) {
    if (bits == 24) {
      to = put_color(to, channels, row[3 * x + 2], row[3 * x + 1], row[3 * x]);
    } else {
      const std::uint32_t pixel = bits == 16 ? le16(row, 2 * x) : le32(row, 4 * x);
      to = put_color(to, channels, masks[0](pixel), masks[1](pixel), masks[2](pixel));
    }
  }
}

void check_kind(const BmpHeader& h, std::string_view name) {
  if (h.compression == 1 || h.compression == 2)
    fail(name, "BMP with run-length compression, which is not read");
  const bool direct = h.bits == 16 || h.bits == 24 || h.bits == 32;
  if (!direct && h.bits != 1 && h.bits != 4 && h.bits != 8) {
    fail(name, "BMP of " + std::to_string(h.bits) + " bits per pixel, which is not read");
  }
  const bool has_masks = (h.compression == 3 || h.compression == 6) && (h.bits == 16 || h.bits == 32);
  if (h.compression != 0 && !has_masks) {
    fail(name, "BMP of compression type " + std::to_string(h.compression) + ", which is not read");
  }
}

}  // namespace

Raster decode_bmp(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels) {
  const BmpHeader h = parse_header(bytes, name);
  check_kind(h, name);
  check_picture_size(name, h.width, h.height, limits);

  // At most max_edge * 32 bits a row: no overflow. The padding of the last row may be missing.
  const std::size_t width = static_cast<std::size_t>(h.width), height = static_cast<std::size_t>(h.height);
  const std::size_t row_bytes = (width * h.bits + 7) / 8, stride = (width * h.bits + 31) / 32 * 4;
  if (h.pixels_at < kFileHeader + h.header_bytes) fail(name, "damaged BMP: pixels begin inside the header");
  if (h.pixels_at > bytes.size() || bytes.size() - h.pixels_at < stride * (height - 1) + row_bytes) {
    fail(name, "truncated BMP");
  }
  Palette palette;
  if (h.bits <= 8) palette = read_palette(bytes, h, name, channels);
  const std::array<Channel, 3> masks = read_masks(bytes, h, name);

  Raster image = make_raster(h.width, h.height, channels);
  const std::size_t out_stride = width * static_cast<std::size_t>(channels);
  for (std::size_t y = 0; y < height; ++y) {
    const Bytes row = bytes.subspan(h.pixels_at + stride * (h.top_down ? y : height - 1 - y), row_bytes);
    const std::span<std::uint8_t> out(image.pixels.data() + y * out_stride, out_stride);
    if (h.bits <= 8) {
      read_indexed_row(row, h.bits, palette, out, channels, name);
    } else {
      read_direct_row(row, h.bits, masks, out, channels);
    }
  }
  return image;
}

}  // namespace mien::image::detail
