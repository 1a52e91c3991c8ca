// Which files are images by their names, and what GIF and WebP add to them.
#include <cstdint>
#include <string>
#include <vector>

#include "mien/image/decode.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using mien::image::decode_gray;
using mien::image::decode_rgb;
using mien::image::GrayImage;
using mien::image::is_image_name;
using mien::image::RgbImage;

namespace {

using Bytes = std::vector<std::uint8_t>;

// 4 x 3 pixels of black, red, green and 10, 20, 30.
const Bytes kGif = {'G', 'I', 'F', '8', '9', 'a', 4,  0,    3,    0,    0x81, 0,    0, 0, 0, 0, 255,
                    0,   0,   0,   255, 0,   10,  20, 30,   0x2c, 0,    0,    0,    0, 4, 0, 3, 0,
                    0,   8,   12,  0,   1,   4,   16, 0x30, 0x40, 0x20, 0x41, 0x83, 3, 2, 2, 0, 0x3b};
constexpr std::size_t kBackground = 11, kImage = 25;

std::string error_of(const Bytes& bytes) {
  return mien::test::error_of([&] { decode_gray(bytes, "a.gif"); });
}

Bytes with(const Bytes& bytes, std::size_t at, const Bytes& more) {
  Bytes result;
  result.reserve(bytes.size() + more.size());
  for (std::size_t i = 0; i < at; ++i) result.push_back(bytes[i]);
  for (const std::uint8_t byte : more) result.push_back(byte);
  for (std::size_t i = at; i < bytes.size(); ++i) result.push_back(bytes[i]);
  return result;
}

}  // namespace

TEST_CASE("every ending of an image that is read is known, capitals or not", "[image]") {
  for (const char* name :
       {"a.png", "a.jpg", "a.jpeg", "a.JPG", "a.b.jfif", "folder/a.gif", "a.bmp", "a.pgm", "a.PPM", "a.pnm"}) {
    CAPTURE(name);
    CHECK(is_image_name(name));
  }
  for (const char* name : {"a.txt", "a.heic", "a.tiff", "png", ".png", "a.png.txt", "a.png/notes", "a", ""}) {
    CAPTURE(name);
    CHECK_FALSE(is_image_name(name));
  }
  CHECK(is_image_name("a.webp") == (mien::image::readable_formats().find("WebP") != std::string::npos));
}

TEST_CASE("the first frame of a GIF is read", "[image]") {
  const Bytes line = {0, 0, 0, 255, 0, 0, 0, 255, 0, 10, 20, 30};
  const RgbImage image = decode_rgb(kGif, "a");
  REQUIRE(image.width == 4);
  REQUIRE(image.height == 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) CHECK(image.pixels[i] == line[i % line.size()]);
  CHECK(decode_gray(kGif, "a").pixels == Bytes{0, 76, 150, 18, 0, 76, 150, 18, 0, 76, 150, 18});
  // What comes behind it, another frame or rubbish, does not count.
  CHECK(decode_rgb(with(kGif, kGif.size() - 1, {1, 2, 3}), "a") == image);
  CHECK(decode_rgb(with(kGif, kImage, {0x21, 0xfe, 2, 'h', 'i', 0}), "a") == image);
}

TEST_CASE("transparent pixels of a GIF are laid over white, and so is what its frame leaves free", "[image]") {
  const Bytes transparent = with(kGif, kImage, {0x21, 0xf9, 4, 1, 0, 0, 2, 0});
  CHECK(decode_gray(transparent, "a").pixels == Bytes{0, 76, 255, 18, 0, 76, 255, 18, 0, 76, 255, 18});
  Bytes wide = kGif;
  wide[6] = 6;
  wide[kBackground] = 1;
  const GrayImage image = decode_gray(wide, "a");
  REQUIRE(image.width == 6);
  CHECK(Bytes(image.pixels.begin(), image.pixels.begin() + 6) == Bytes{0, 76, 150, 18, 255, 255});
}

TEST_CASE("a GIF whose first frame lacks pixels is refused", "[image]") {
  const auto head = kGif.begin() + static_cast<std::ptrdiff_t>(kImage);
  const auto with_image = [&](std::uint8_t width, std::uint8_t height, const Bytes& data) {
    Bytes gif(kGif.begin(), head);
    gif.insert(gif.end(), {0x2c, 0, 0, 0, 0, width, 0, height, 0, 0});
    gif.insert(gif.end(), data.begin(), data.end());
    gif.push_back(0x3b);
    return gif;
  };
  const std::string lacking = "a.gif: truncated GIF: not all pixels of its first frame are there";
  CHECK(error_of(with_image(0, 0, {2, 0})) == "a.gif: damaged GIF: a frame without pixels");
  CHECK(error_of(with_image(4, 0, {2, 0})) == "a.gif: damaged GIF: a frame without pixels");
  CHECK(error_of(with_image(4, 3, {2, 0})) == lacking);
  CHECK(error_of(with_image(4, 3, {2, 1, 0x84, 0})) == lacking);
  CHECK(error_of(with_image(4, 3, {2, 1, 0x2c, 0})) == lacking);  // clear, end
  CHECK(error_of(with_image(4, 3, {12, 1, 0xff, 0})) == "a.gif: damaged GIF: colors of 12 bits");
}

TEST_CASE("a GIF whose table of codes is emptied on the way is read", "[image]") {
  // Plain colors of two bits in codes of three, with a clear code in front of every other one.
  Bytes data = {2};
  std::uint32_t bits = 0;
  unsigned count = 0;
  Bytes block;
  const auto put = [&](std::uint32_t code) {
    bits |= code << count;
    for (count += 3; count >= 8; count -= 8, bits >>= 8) block.push_back(static_cast<std::uint8_t>(bits));
  };
  for (unsigned i = 0; i < 12; ++i) {
    if (i % 2 == 0) put(4);
    put(i % 4);
  }
  put(5);
  put(0);
  put(0);
  data.push_back(static_cast<std::uint8_t>(block.size()));
  data.insert(data.end(), block.begin(), block.end());
  data.push_back(0);
  Bytes gif(kGif.begin(), kGif.begin() + static_cast<std::ptrdiff_t>(kImage));
  gif.insert(gif.end(), {0x2c, 0, 0, 0, 0, 4, 0, 3, 0, 0});
  gif.insert(gif.end(), data.begin(), data.end());
  gif.push_back(0x3b);
  CHECK(decode_gray(gif, "a").pixels == decode_gray(kGif, "a").pixels);
}

TEST_CASE("a GIF that is damaged, cut or too large is refused by name", "[image]") {
  for (std::size_t size = 6; size + 1 < kGif.size(); ++size) {
    CHECK(error_of(Bytes(kGif.begin(), kGif.begin() + static_cast<std::ptrdiff_t>(size))) ==
          "a.gif: truncated GIF");
  }
  for (std::size_t i = 0; i < kGif.size(); ++i) {
    for (const int change : {1, 0x80, 0xff}) {
      Bytes changed = kGif;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ change);
      const std::string error = error_of(changed);
      CHECK((error == "no error" || error.rfind("a.gif: ", 0) == 0));
    }
  }
  Bytes large = kGif;
  large[7] = 0xff;
  CHECK(error_of(large) == "a.gif: image of 65284x3 pixels, at most 8192 along an edge are read");
  Bytes empty(kGif.begin(), kGif.begin() + kImage);
  empty.push_back(0x3b);
  CHECK(error_of(empty) == "a.gif: damaged GIF: no image in it");
  empty.back() = 7;
  CHECK(error_of(empty) == "a.gif: damaged GIF: no block at byte 25");
}

TEST_CASE("WebP is read where the library has been built with it, else named", "[image]") {
  // Red beside transparent black, and Exif's note that it is to be turned a quarter clockwise.
  Bytes file = {'R',  'I',  'F',  'F',  80,   0,    0,    0,    'W',  'E', 'B', 'P', 'V',  'P',  '8',
                'X',  10,   0,    0,    0,    0x18, 0,    0,    0,    1,   0,   0,   0,    0,    0,
                'V',  'P',  '8',  'L',  16,   0,    0,    0,    0x2f, 1,   0,   0,   0x10, 0x0f, 0x10,
                0xf3, 0x1f, 0xf3, 0x1f, 0x8c, 0x8c, 0xe8, 0x7f, 0,    'E', 'X', 'I', 'F',  26,   0,
                0,    0,    'M',  'M',  0,    42,   0,    0,    0,    8,   0,   1,   1,    0x12, 0,
                3,    0,    0,    0,    1,    0,    6,    0,    0,    0,   0,   0,   0};
  if (!is_image_name("a.webp")) {
    CHECK(error_of(file) == "a.gif: WebP image; " + mien::image::readable_formats() + " are read");
    return;
  }
  CHECK(decode_rgb(file, "a") == RgbImage{1, 2, {255, 0, 0, 255, 255, 255}});
  CHECK(decode_gray(file, "a").pixels == Bytes{76, 255});
  CHECK(mien::test::error_of([&] { decode_gray(file, "a.webp", {.max_memory = 15}); }) ==
        "a.webp: WebP of 2x1 pixels needs more than 0 MiB to decode");
  for (std::size_t size = 12; size < file.size(); ++size) {
    CHECK(error_of(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size))) ==
          "a.gif: truncated WebP");
  }
  file[20] |= 2;
  CHECK(error_of(file) == "a.gif: animated WebP; save one frame of it as a plain WebP");
}
