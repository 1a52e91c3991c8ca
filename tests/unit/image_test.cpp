#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/png.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::DataError;
using mien::image::decode_gray;
using mien::image::decode_rgb;
using mien::image::DecodeLimits;
using mien::image::GrayImage;
using mien::image::RgbImage;

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

Bytes from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

void append(Bytes& out, const Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}

Bytes be32(std::uint32_t v) {
  Bytes out;
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(v >> shift));
  return out;
}

Bytes le(std::size_t v, int count) {
  Bytes out;
  for (int i = 0; i < count; ++i, v >>= 8) out.push_back(static_cast<std::uint8_t>(v));
  return out;
}

Bytes chunk(const std::string& type, const Bytes& data) {
  Bytes body = bytes_of(type);
  append(body, data);
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t b : body) {
    crc ^= b;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? 0xedb88320U ^ (crc >> 1) : crc >> 1;
  }
  Bytes out = be32(static_cast<std::uint32_t>(data.size()));
  append(out, body);
  append(out, be32(~crc));
  return out;
}

/// A zlib stream of one stored block.
Bytes stored(const Bytes& data) {
  Bytes out = {0x78, 0x01, 0x01};
  append(out, le(data.size(), 2));
  append(out, le(~data.size(), 2));
  append(out, data);
  append(out, be32(0));  // the checksum, which no reader here looks at
  return out;
}

/// A zlib stream of a zero byte and `copies` copies of 258 more: 13 bits for 258 bytes.
Bytes bomb(int copies) {
  Bytes out = {0x78, 0x01};
  std::uint32_t bits = 0;
  int held = 0;
  const auto put = [&](std::uint32_t value, int count) {
    bits |= value << held;
    for (held += count; held >= 8; held -= 8, bits >>= 8) out.push_back(static_cast<std::uint8_t>(bits));
  };
  put(1, 1);                                       // last block
  put(1, 2);                                       // fixed codes
  put(0x0c, 8);                                    // literal 0: code 00110000, sent from its upper end
  for (int i = 0; i < copies; ++i) put(0xa3, 13);  // length 258: code 11000101; distance 1: code 00000
  put(0, 7 + 32);
  return out;
}

struct PngHeader {
  std::uint32_t width, height;
  std::uint8_t depth, color, interlace = 0;
};

Bytes png(const PngHeader& h, const Bytes& compressed, const Bytes& extra_chunks = {}) {
  Bytes header = be32(h.width);
  append(header, be32(h.height));
  append(header, {h.depth, h.color, 0, 0, h.interlace});
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  append(out, chunk("IHDR", header));
  append(out, extra_chunks);
  append(out, chunk("IDAT", compressed));
  append(out, chunk("IEND", {}));
  return out;
}

/// 24 bits: red and green above blue and white, the lower row first, the last without its padding.
Bytes small_bmp() {
  Bytes out = bytes_of("BM");
  append(out, le(68, 4));
  append(out, le(0, 4));
  append(out, le(54, 4));
  append(out, le(40, 4));
  append(out, le(2, 4));
  append(out, le(2, 4));
  append(out, le(1, 2));
  append(out, le(24, 2));
  append(out, le(0, 24));
  append(out, {255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0});
  return out;
}

// 16 x 8, the left half black, the right half white.
constexpr std::string_view kGrayJpeg =
    "ffd8ffe000104a46494600010100000100010000ffdb004300080606070605080707070909080a0c140d0c0b0b0c1912130f"
    "141d1a1f1e1d1a1c1c20242e2720222c231c1c2837292c30313434341f27393d38323c2e333432ffc0000b08000800100101"
    "1100ffc40014000100000000000000000000000000000008ffc40014100100000000000000000000000000000000ffda0008"
    "010100003f003f9fefffd9";
// The same in red and blue, with an Exif note that it is to be turned a quarter clockwise.
constexpr std::string_view kTurnedJpeg =
    "ffd8ffe000104a46494600010100000100010000ffe100224578696600004d4d002a00000008000101120003000000010006"
    "000000000000ffdb0043000302020302020303030304030304050805050404050a070706080c0a0c0c0b0a0b0b0d0e12100d"
    "0e110e0b0b1016101113141515150c0f171816141812141514ffdb00430103040405040509050509140d0b0d141414141414"
    "1414141414141414141414141414141414141414141414141414141414141414141414141414141414141414ffc000110800"
    "08001003011100021101031101ffc4001500010100000000000000000000000000000708ffc4001410010000000000000000"
    "0000000000000000ffc4001501010100000000000000000000000000000907ffc40014110100000000000000000000000000"
    "000000ffda000c03010002110311003f009d10c2a60238c1d1ffd9";
// Red and blue, progressive, chroma at half size.
constexpr std::string_view kProgressiveJpeg =
    "ffd8ffe000104a46494600010100000100010000ffdb004300080606070605080707070909080a0c140d0c0b0b0c1912130f"
    "141d1a1f1e1d1a1c1c20242e2720222c231c1c2837292c30313434341f27393d38323c2e333432ffdb0043010909090c0b0c"
    "180d0d1832211c21323232323232323232323232323232323232323232323232323232323232323232323232323232323232"
    "3232323232323232ffc20011080008001003012200021101031101ffc4001500010100000000000000000000000000000005"
    "ffc40014010100000000000000000000000000000005ffda000c030100021003100000018b1c497fffc40014100100000000"
    "000000000000000000000010ffda00080101000105023fffc40018110002030000000000000000000000000000054381c1ff"
    "da0008010301013f017d1de1ffc40018110002030000000000000000000000000000064381c1ffda0008010201013f015d92"
    "b4ffc40014100100000000000000000000000000000010ffda0008010100063f023fffc40014100100000000000000000000"
    "000000000010ffda0008010100013f213fffda000c030100020003000000107fffc400141101000000000000000000000000"
    "00000000ffda0008010301013f1017ffc40014110100000000000000000000000000000000ffda0008010201013f1037ffc4"
    "0014100100000000000000000000000000000010ffda0008010100013f103fffd9";

std::string error_of(const Bytes& bytes, const DecodeLimits& limits = {}) {
  return mien::test::error_of([&] { decode_gray(bytes, "a.img", limits); });
}

std::string rgb_error_of(const Bytes& bytes, const DecodeLimits& limits = {}) {
  return mien::test::error_of([&] { decode_rgb(bytes, "a.img", limits); });
}

/// The gray picture that decode_gray is documented to make of these colors.
GrayImage luma_of(const RgbImage& image) {
  GrayImage gray{image.width, image.height, {}};
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3) {
    const std::uint8_t* p = image.pixels.data() + i;
    gray.pixels.push_back(static_cast<std::uint8_t>((19595 * p[0] + 38470 * p[1] + 7471 * p[2] + 32768) >> 16));
  }
  return gray;
}

/// The largest difference between two pictures of the same size.
int largest_difference(const GrayImage& a, const GrayImage& b) {
  REQUIRE(a.width == b.width);
  REQUIRE(a.height == b.height);
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
  }
  return largest;
}

bool is_jpeg(const Bytes& file) {
  return file[0] == 0xff;
}

/// The same components, said to be red, green and blue: Adobe's segment in the place of JFIF's.
Bytes as_adobe_rgb(const Bytes& jpeg) {
  constexpr std::ptrdiff_t kSoi = 2, kJfif = 18;
  Bytes file(jpeg.begin(), jpeg.begin() + kSoi);
  append(file, from_hex("ffee000e41646f626500640000000000"));
  file.insert(file.end(), jpeg.begin() + kSoi + kJfif, jpeg.end());
  return file;
}

/// BITMAPINFOHEADER of 2 x 1 pixels, and what follows it. 16 and 32 bits have masks.
Bytes bmp(int bits, std::size_t palette_bytes, const Bytes& rest) {
  Bytes out = bytes_of("BM");
  append(out, le(54 + rest.size(), 4));
  append(out, le(0, 4));
  append(out, le(54 + palette_bytes, 4));
  append(out, le(40, 4));
  append(out, le(2, 4));
  append(out, le(1, 4));
  append(out, le(1, 2));
  append(out, le(static_cast<std::size_t>(bits), 2));
  append(out, le(bits == 16 || bits == 32 ? 3 : 0, 4));
  append(out, le(0, 12));
  append(out, le(bits <= 8 ? palette_bytes / 4 : 0, 4));
  append(out, le(0, 4));
  append(out, rest);
  return out;
}

/// 4 bits: color 1, then color 0.
Bytes palette_bmp() {
  return bmp(4, 8, {1, 2, 3, 0, 40, 50, 60, 0, 0x10, 0, 0, 0});
}

/// 5, 6 and 5 bits: pure red, then a green of 21 of 63.
Bytes masked_bmp() {
  return bmp(16, 12, {0, 0xf8, 0, 0, 0xe0, 7, 0, 0, 0x1f, 0, 0, 0, 0, 0xf8, 0xa0, 2});
}

Bytes with_orientation(Bytes file, std::uint8_t orientation) {
  Bytes segment = from_hex("ffe100224578696600004d4d002a00000008000101120003000000010006000000000000");
  segment[29] = orientation;
  file.insert(file.begin() + 2, segment.begin(), segment.end());
  return file;
}

/// A file of every kind, none of them transparent.
std::vector<Bytes> opaque_files() {
  const Bytes palette = chunk("PLTE", {0, 0, 0, 0, 255, 0, 9, 8, 7});
  return {bytes_of("P2 3 2 15 0 1 2 3 15 5"),
          bytes_of("P5 3 2 255 abcdef"),
          bytes_of("P3 2 1 255 255 0 0  10 20 30"),
          bytes_of("P6 2 1 200 abcdef"),
          png({3, 2, 8, 0}, stored({0, 1, 2, 3, 0, 4, 5, 6})),
          png({2, 1, 16, 0}, stored({0, 0x12, 0xff, 0xab, 0x00})),
          png({2, 1, 8, 2}, stored({0, 255, 1, 2, 3, 4, 250})),
          png({3, 1, 2, 3}, stored({0, 0x18}), palette),
          small_bmp(),
          palette_bmp(),
          masked_bmp(),
          from_hex(kGrayJpeg),
          from_hex(kTurnedJpeg),
          from_hex(kProgressiveJpeg)};
}

}  // namespace

TEST_CASE("text and binary PGM and PPM give the same pixels") {
  const GrayImage gray = {3, 2, {0, 17, 34, 51, 255, 85}};
  REQUIRE(decode_gray(bytes_of("P2 # comment\n3 2\n#more\n15\n0 1 2\n3 15 5\n"), "a") == gray);
  REQUIRE(decode_gray(bytes_of(std::string("P5 3 2 15\n") + std::string("\0\1\2\3\17\5", 6)), "a") == gray);
  const GrayImage two = {2, 1, {76, 29}};  // red, blue
  REQUIRE(decode_gray(bytes_of("P3 2 1 255 255 0 0  0 0 255"), "a") == two);
  REQUIRE(decode_gray(bytes_of(std::string("P6\n2 1\n255\n\xff\0\0\0\0\xff", 17)), "a") == two);
  const GrayImage wide = {3, 1, {255, 128, 0}};
  REQUIRE(decode_gray(bytes_of(std::string("P5 3 1 1000 \x03\xe8\x01\xf4\0\0", 18)), "a") == wide);
}

TEST_CASE("luma follows BT.601 and keeps gray") {
  REQUIRE(decode_gray(bytes_of("P3 4 1 255  0 255 0  255 255 255  77 77 77  10 20 30"), "a").pixels ==
          Bytes{150, 255, 77, 18});
}

TEST_CASE("PNG samples of every depth are read") {
  REQUIRE(decode_gray(png({3, 2, 8, 0}, stored({0, 1, 2, 3, 0, 4, 5, 6})), "a") ==
          GrayImage{3, 2, {1, 2, 3, 4, 5, 6}});
  REQUIRE(decode_gray(png({3, 1, 1, 0}, stored({0, 0xa0})), "a").pixels == Bytes{255, 0, 255});
  REQUIRE(decode_gray(png({2, 1, 4, 0}, stored({0, 0x1f})), "a").pixels == Bytes{17, 255});
  REQUIRE(decode_gray(png({2, 1, 16, 0}, stored({0, 0x12, 0xff, 0xab, 0x00})), "a").pixels ==
          Bytes{0x12, 0xab});
  REQUIRE(decode_gray(png({2, 1, 8, 2}, stored({0, 255, 0, 0, 0, 0, 255})), "a").pixels == Bytes{76, 29});
  const Bytes palette = chunk("PLTE", {0, 0, 0, 0, 255, 0, 9, 9, 9});
  REQUIRE(decode_gray(png({3, 1, 2, 3}, stored({0, 0x18}), palette), "a").pixels == Bytes{0, 150, 9});
}

TEST_CASE("transparent PNG pixels are laid over white") {
  REQUIRE(decode_gray(png({3, 1, 8, 4}, stored({0, 0, 0, 100, 255, 0, 128})), "a").pixels ==
          Bytes{255, 100, 127});
  REQUIRE(decode_gray(png({2, 1, 8, 6}, stored({0, 255, 0, 0, 255, 9, 9, 9, 0})), "a").pixels ==
          Bytes{76, 255});
  const Bytes key = chunk("tRNS", {0, 7});
  REQUIRE(decode_gray(png({2, 1, 8, 0}, stored({0, 7, 8}), key), "a").pixels == Bytes{255, 8});
}

TEST_CASE("a PNG that was written is read back the same") {
  const mien::test::TemporaryFolder folder;
  const GrayImage image = {5, 3, {0, 1, 2, 3, 4, 50, 60, 70, 80, 90, 255, 254, 253, 252, 251}};
  mien::image::write_png(folder / "x.png", 5, 3, 1, image.pixels);
  REQUIRE(mien::image::read_gray(folder / "x.png") == image);
  REQUIRE(folder.count() == 1);
  REQUIRE_THROWS_AS(mien::image::write_png(folder / "x.png", 5, 4, 1, image.pixels), mien::ArgumentError);
  REQUIRE_THROWS_AS(mien::image::write_png(folder / "none/x.png", 5, 3, 1, image.pixels), DataError);
}

TEST_CASE("BMP rows are turned the right way up") {
  REQUIRE(decode_gray(small_bmp(), "a") == GrayImage{2, 2, {76, 150, 29, 255}});
  Bytes top_down = small_bmp();
  top_down[22] = 0xfe;
  for (const std::size_t i : {23, 24, 25}) top_down[i] = 0xff;
  REQUIRE(decode_gray(top_down, "a").pixels == Bytes{29, 255, 76, 150});
}

TEST_CASE("JPEG is read, baseline and progressive, and turned as its Exif note says") {
  const GrayImage gray = decode_gray(from_hex(kGrayJpeg), "a");
  REQUIRE(gray.width == 16);
  REQUIRE(gray.height == 8);
  for (std::size_t i = 0; i < gray.pixels.size(); ++i) REQUIRE(gray.pixels[i] == (i % 16 < 8 ? 0 : 255));

  const GrayImage turned = decode_gray(from_hex(kTurnedJpeg), "a");
  REQUIRE(turned.width == 8);
  REQUIRE(turned.height == 16);
  for (std::size_t i = 0; i < turned.pixels.size(); ++i) REQUIRE(turned.pixels[i] == (i < 64 ? 76 : 29));

  const GrayImage progressive = decode_gray(from_hex(kProgressiveJpeg), "a");
  REQUIRE(progressive.width == 16);
  for (std::size_t i = 0; i < 128; ++i) REQUIRE(std::abs(progressive.pixels[i] - (i % 16 < 8 ? 76 : 29)) <= 5);
}

TEST_CASE("every Exif orientation is undone") {
  // The stored picture is 16 x 8, black on the left: where is black after turning?
  struct Case {
    std::uint8_t orientation;
    bool upright;  // 8 x 16
    bool first;    // black in the first row (upright) or column
  };
  for (const Case c : {Case{1, false, true}, Case{2, false, false}, Case{3, false, false}, Case{4, false, true},
                       Case{5, true, true}, Case{6, true, true}, Case{7, true, false}, Case{8, true, false}}) {
    const Bytes file = with_orientation(from_hex(kGrayJpeg), c.orientation);
    const GrayImage image = decode_gray(file, "a");
    REQUIRE(luma_of(decode_rgb(file, "a")) == image);
    REQUIRE(image.width == (c.upright ? 8 : 16));
    REQUIRE((image.pixels.front() == 0) == c.first);
    REQUIRE((image.pixels.back() == 0) == !c.first);
  }
}

/// A directory of TIFF with entries of {tag, type, value}, little or big endian.
Bytes exif_of(const std::vector<std::array<std::uint32_t, 3>>& entries, bool little) {
  Bytes out;
  const auto put = [&](std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) {
      out.push_back(static_cast<std::uint8_t>(value >> 8 * (little ? i : count - 1 - i)));
    }
  };
  append(out, bytes_of(little ? "II" : "MM"));
  put(42, 2);
  put(8, 4);
  put(static_cast<std::uint32_t>(entries.size()), 2);
  for (const auto& [tag, type, value] : entries) {
    put(tag, 2);
    put(type, 2);
    put(1, 4);
    const int size = type == 1 ? 1 : type == 3 ? 2 : 4;
    put(value, size);
    put(0, 4 - size);
  }
  put(0, 4);
  return out;
}

Bytes app1(const Bytes& exif) {
  Bytes out = {0xff, 0xe1, 0, static_cast<std::uint8_t>(exif.size() + 8)};
  append(out, bytes_of(std::string("Exif\0\0", 6)));
  append(out, exif);
  return out;
}

TEST_CASE("the first orientation counts, in each type that TIFF has for it") {
  constexpr std::uint32_t kTag = 0x0112, kWidth = 0x0100;
  const auto is_turned = [](const std::vector<Bytes>& segments) {  // 16 x 8 pixels
    Bytes file = from_hex(kGrayJpeg);
    Bytes markers;
    for (const Bytes& exif : segments) append(markers, app1(exif));
    file.insert(file.begin() + 2, markers.begin(), markers.end());
    return decode_gray(file, "a").height == 16;
  };
  for (const bool little : {false, true}) {
    for (const std::uint32_t type : {1u, 3u, 4u}) REQUIRE(is_turned({exif_of({{kTag, type, 6}}, little)}));
    REQUIRE_FALSE(is_turned({exif_of({{kTag, 2, 6}}, little)}));  // text
    REQUIRE_FALSE(is_turned({exif_of({{kTag, 4, 0x10006}}, little)}));
    REQUIRE(is_turned({exif_of({{kWidth, 3, 1}, {kTag, 3, 6}, {kTag, 3, 1}}, little)}));
    REQUIRE_FALSE(is_turned({exif_of({{kTag, 3, 1}, {kTag, 3, 6}}, little)}));
    REQUIRE(is_turned({exif_of({{kTag, 3, 6}}, little), exif_of({{kTag, 3, 1}}, !little)}));
    REQUIRE_FALSE(is_turned({exif_of({{kTag, 3, 1}}, little), exif_of({{kTag, 3, 6}}, little)}));
    REQUIRE(is_turned({exif_of({{kWidth, 3, 1}}, little), exif_of({{kTag, 3, 6}}, little)}));
  }
}

TEST_CASE("a PNG is turned as its eXIf chunk says, be it damaged, long or absent") {
  const auto read = [](const Bytes& extra) {
    return decode_gray(png({3, 2, 8, 0}, stored({0, 1, 2, 3, 0, 4, 5, 6}), extra), "a");
  };
  const Bytes turned = exif_of({{0x0112, 3, 6}}, true);
  const GrayImage expected = {2, 3, {4, 1, 5, 2, 6, 3}};
  REQUIRE(read(chunk("eXIf", turned)) == expected);
  Bytes two = chunk("eXIf", turned);
  append(two, chunk("eXIf", exif_of({{0x0112, 3, 1}}, true)));
  REQUIRE(read(two) == expected);
  Bytes with_header = bytes_of(std::string("Exif\0\0", 6));
  append(with_header, turned);
  REQUIRE(read(chunk("eXIf", with_header)) == expected);
  for (std::size_t size = 0; size < 18; ++size) {
    const Bytes cut(turned.begin(), turned.begin() + static_cast<std::ptrdiff_t>(size));
    REQUIRE(read(chunk("eXIf", cut)).width == 3);
  }
  Bytes far_away = turned;
  for (const std::size_t i : {4, 5, 6, 7}) far_away[i] = 0xff;
  REQUIRE(read(chunk("eXIf", far_away)).width == 3);
  Bytes damaged = chunk("eXIf", turned);
  damaged[12] ^= 1;
  REQUIRE(error_of(png({3, 2, 8, 0}, stored({0, 1, 2, 3, 0, 4, 5, 6}), damaged)) ==
          "a.img: damaged PNG: wrong checksum in chunk eXIf");
}

TEST_CASE("a file cut anywhere is an error that names it") {
  const std::vector<Bytes> files = {from_hex(kGrayJpeg),
                                    from_hex(kProgressiveJpeg),
                                    small_bmp(),
                                    png({3, 2, 8, 0}, stored({0, 1, 2, 3, 0, 4, 5, 6})),
                                    bytes_of("P2 3 2 15 0 1 2 3 15 5"),
                                    bytes_of("P5 3 2 255 abcdef")};
  for (const Bytes& file : files) {
    REQUIRE_NOTHROW(decode_gray(file, "a.img"));
    // Of a JPEG the marker at the end may be missing.
    const std::size_t needed = file.size() - (is_jpeg(file) ? 2 : 0);
    for (std::size_t size = 0; size < needed; ++size) {
      const std::string error = error_of(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)));
      INFO("cut to " << size << " of " << file.size() << ": " << error);
      REQUIRE(error.rfind("a.img: ", 0) == 0);
    }
  }
  const auto half = [](const Bytes& f) {
    return Bytes(f.begin(), f.begin() + static_cast<std::ptrdiff_t>(f.size() / 2));
  };
  REQUIRE(error_of({}) == "a.img: empty file");
  REQUIRE(error_of(half(files[0])) == "a.img: truncated JPEG");
  REQUIRE(error_of(half(files[2])) == "a.img: truncated BMP");
  REQUIRE(error_of(half(files[3])) == "a.img: truncated PNG");
  REQUIRE(error_of(half(files[4])) == "a.img: truncated PGM");
}

TEST_CASE("a changed byte never crashes a decoder") {
  for (const Bytes& file :
       {from_hex(kGrayJpeg), from_hex(kProgressiveJpeg), small_bmp(),
        png({3, 2, 8, 0}, stored({0, 1, 2, 3, 0, 4, 5, 6})), bytes_of("P2 3 2 15 0 1 2 3 15 5")}) {
    for (std::size_t i = 0; i < file.size(); ++i) {
      for (const int change : {1, 0x80, 0xff}) {
        Bytes changed = file;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ change);
        const std::string error = error_of(changed);
        REQUIRE((error == "no error" || error.rfind("a.img: ", 0) == 0));
      }
    }
  }
}

TEST_CASE("the luma of the colors of an opaque file is its gray picture") {
  for (const Bytes& file : opaque_files()) {
    // A JPEG holds luma itself; its colors have been rounded, and cut off at 0 and 255.
    const int most = is_jpeg(file) ? 6 : 0;
    REQUIRE(largest_difference(luma_of(decode_rgb(file, "a")), decode_gray(file, "a")) <= most);
  }
}

TEST_CASE("the gray of a JPEG without luma comes from its colors") {
  const Bytes file = as_adobe_rgb(from_hex(kTurnedJpeg));
  const RgbImage colors = decode_rgb(file, "a");
  REQUIRE(luma_of(colors) == decode_gray(file, "a"));
  const GrayImage components = decode_gray(from_hex(kTurnedJpeg), "a");  // of which the first is luma
  REQUIRE(largest_difference(decode_gray(file, "a"), components) > 20);
  for (std::size_t i = 0; i < components.pixels.size(); ++i)
    REQUIRE(colors.pixels[3 * i] == components.pixels[i]);
}

TEST_CASE("colors are read from every format") {
  REQUIRE(decode_rgb(bytes_of("P2 2 1 15 1 15"), "a") == RgbImage{2, 1, {17, 17, 17, 255, 255, 255}});
  REQUIRE(decode_rgb(bytes_of("P3 2 1 255 255 0 0  10 20 30"), "a") == RgbImage{2, 1, {255, 0, 0, 10, 20, 30}});
  REQUIRE(decode_rgb(bytes_of("P6 1 1 255 abc"), "a") == RgbImage{1, 1, {'a', 'b', 'c'}});
  REQUIRE(decode_rgb(png({2, 1, 8, 0}, stored({0, 7, 8})), "a").pixels == Bytes{7, 7, 7, 8, 8, 8});
  REQUIRE(decode_rgb(png({2, 1, 8, 2}, stored({0, 255, 1, 2, 3, 4, 250})), "a").pixels ==
          Bytes{255, 1, 2, 3, 4, 250});
  const Bytes palette = chunk("PLTE", {0, 0, 0, 0, 255, 0, 9, 8, 7});
  REQUIRE(decode_rgb(png({3, 1, 2, 3}, stored({0, 0x18}), palette), "a").pixels ==
          Bytes{0, 0, 0, 0, 255, 0, 9, 8, 7});
  REQUIRE(decode_rgb(small_bmp(), "a") == RgbImage{2, 2, {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}});
  REQUIRE(decode_rgb(palette_bmp(), "a").pixels == Bytes{60, 50, 40, 3, 2, 1});
  REQUIRE(decode_rgb(masked_bmp(), "a").pixels == Bytes{255, 0, 0, 0, 85, 0});
}

TEST_CASE("colors of a JPEG are read and turned") {
  const RgbImage turned = decode_rgb(from_hex(kTurnedJpeg), "a");
  REQUIRE(turned.width == 8);
  REQUIRE(turned.height == 16);
  REQUIRE(turned.pixels.size() == 8 * 16 * 3);
  for (std::size_t i = 0; i < 128; ++i) {  // red above blue
    const std::array<int, 3> expected = i < 64 ? std::array{255, 0, 0} : std::array{0, 0, 255};
    for (std::size_t c = 0; c < 3; ++c) REQUIRE(std::abs(turned.pixels[3 * i + c] - expected[c]) <= 2);
  }
}

TEST_CASE("transparent colors are laid over white, each channel by itself") {
  const Bytes file = png({3, 1, 8, 6}, stored({0, 255, 0, 0, 255, 9, 9, 9, 0, 200, 100, 0, 128}));
  REQUIRE(decode_rgb(file, "a").pixels == Bytes{255, 0, 0, 255, 255, 255, 227, 177, 127});
  REQUIRE(decode_rgb(png({2, 1, 8, 4}, stored({0, 100, 255, 0, 128})), "a").pixels ==
          Bytes{100, 100, 100, 127, 127, 127});
}

TEST_CASE("a file that cannot be read in gray cannot be read in color, for the same reason") {
  std::vector<Bytes> files = {{},
                              bytes_of("GIF89a......"),
                              bytes_of("II*........."),
                              bytes_of("hello, world"),
                              bytes_of("P2 2 1 255 1 300"),
                              bytes_of("P5 0 1 255 "),
                              bytes_of("P2 8000 4000 255 1 1"),
                              png({60000, 60000, 8, 0}, stored({0})),
                              png({8000, 8000, 8, 0}, stored({0})),
                              png({100, 100, 8, 0}, bomb(20000)),
                              bmp(4, 8, {1, 2, 3, 0, 40, 50, 60, 0, 0x20, 0, 0, 0})};
  for (const Bytes& file : opaque_files()) {
    for (const std::size_t size : {file.size() / 3, file.size() / 2}) {
      files.emplace_back(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    }
  }
  for (const Bytes& file : files) {
    REQUIRE(rgb_error_of(file) == error_of(file));
    REQUIRE(rgb_error_of(file) != "no error");
  }
  DecodeLimits limits;
  limits.max_file_bytes = 10;
  REQUIRE(rgb_error_of(small_bmp(), limits) == "a.img: file of 68 bytes, at most 10 are read");
}

TEST_CASE("damage in a PNG is found by its checksums") {
  Bytes file = png({3, 2, 8, 0}, stored({0, 1, 2, 3, 0, 4, 5, 6}));
  file[file.size() - 25] ^= 1;
  REQUIRE(error_of(file) == "a.img: damaged PNG: wrong checksum in chunk IDAT");
}

TEST_CASE("image bombs are refused before they take memory") {
  REQUIRE(error_of(png({60000, 60000, 8, 0}, stored({0}))) ==
          "a.img: image of 60000x60000 pixels, at most 8192 along an edge are read");
  REQUIRE(error_of(png({8000, 8000, 8, 0}, stored({0}))) ==
          "a.img: image of 8000x8000 pixels, at most 33554432 in all are read");
  REQUIRE(error_of(bytes_of("P5 9999 9999 255 ")).find("at most 8192") != std::string::npos);
  REQUIRE(error_of(bytes_of("P5 99999999999 1 255 ")).find("number above") != std::string::npos);
  REQUIRE(error_of(bytes_of("P2 8000 4000 255 1 1")) == "a.img: truncated PGM");

  // A small picture that unpacks to 400 times what it needs, and a large one beyond the memory allowed.
  REQUIRE(error_of(png({100, 100, 8, 0}, bomb(20000))) ==
          "a.img: PNG of 100x100 pixels needs more than 1 MiB to decode");
  DecodeLimits limits;
  limits.max_pixels = 8000 * 8000;
  limits.max_memory = std::size_t{32} << 20;
  REQUIRE(error_of(png({8000, 8000, 16, 6}, bomb(200000)), limits) ==
          "a.img: PNG of 8000x8000 pixels needs more than 32 MiB to decode");
  limits.max_file_bytes = 10;
  REQUIRE(error_of(small_bmp(), limits) == "a.img: file of 68 bytes, at most 10 are read");
}

TEST_CASE("what cannot be read is named") {
  const std::string read = mien::image::readable_formats() + " are read";
  REQUIRE(error_of(bytes_of("II*.........")) == "a.img: TIFF image; " + read);
  REQUIRE(error_of(bytes_of("hello, world")) == "a.img: not an image; " + read);
  REQUIRE(error_of(bytes_of("P2 2 1 255 1 300")).find("number above 255") != std::string::npos);
  REQUIRE(error_of(bytes_of("P2 2 1 255 1 x")).find("without a whole number") != std::string::npos);
  REQUIRE(error_of(bytes_of("P5 0 1 255 ")) == "a.img: image of 0x1 pixels");
  REQUIRE(error_of(png({3, 1, 8, 0}, stored({0, 1, 2, 3}), chunk("acTL", {0, 0, 0, 2, 0, 0, 0, 0}))) ==
          "a.img: animated PNG; save one frame of it as a plain PNG");
  Bytes rle = small_bmp();
  rle[30] = 1;
  REQUIRE(error_of(rle) == "a.img: BMP with run-length compression, which is not read");

  const mien::test::TemporaryFolder folder;
  REQUIRE_THROWS_AS(mien::image::read_gray(folder.path()), DataError);
  REQUIRE_THROWS_AS(mien::image::read_gray(folder / "none.png"), DataError);
}

TEST_CASE("a Huffman table with too many values is refused") {
  Bytes file = from_hex(kGrayJpeg);
  Bytes table = from_hex("ffc4");
  append(table, {0x02, 0x13, 0x00});  // 2 + 17 + 512 bytes
  for (const std::uint8_t count : {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255}) table.push_back(count);
  table.resize(2 + 2 + 17 + 512);
  file.insert(file.begin() + 2, table.begin(), table.end());
  REQUIRE(error_of(file) == "a.img: damaged JPEG: bad Huffman table");
}
