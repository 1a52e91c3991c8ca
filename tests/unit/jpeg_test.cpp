// JPEGs that are of a rare kind, lack something, or are too large to be decoded whole.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "mien/image/decode.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/jpeg_writer.hpp"

using mien::Index;
using mien::image::decode_gray;
using mien::image::decode_rgb;
using mien::image::DecodeLimits;
using mien::image::GrayImage;
using mien::image::RgbImage;
using mien::test::flat_part;
using mien::test::JpegBlock;
using mien::test::JpegFile;
using mien::test::JpegPart;
using mien::test::write_jpeg;

namespace {

using Bytes = std::vector<std::uint8_t>;

const std::string kJfif("\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", 18);

std::string adobe(char transform) {
  return std::string(
             "\xff\xee\0\x0e"
             "Adobe\0\x64\0\0\0\0",
             15) +
         transform;
}

std::string error_of(const Bytes& bytes, const DecodeLimits& limits = {}) {
  const std::string gray = mien::test::error_of([&] { decode_gray(bytes, "a.jpg", limits); });
  CHECK(mien::test::error_of([&] { decode_rgb(bytes, "a.jpg", limits); }) == gray);
  return gray;
}

/// The color of a file of one color.
std::array<int, 3> color_of(const Bytes& bytes) {
  const RgbImage image = decode_rgb(bytes, "a");
  const GrayImage gray = decode_gray(bytes, "a");
  REQUIRE(image.pixels.size() == 3 * gray.pixels.size());
  for (std::size_t i = 3; i < image.pixels.size(); ++i) REQUIRE(image.pixels[i] == image.pixels[i - 3]);
  const double luma = 0.299 * image.pixels[0] + 0.587 * image.pixels[1] + 0.114 * image.pixels[2];
  CHECK(std::abs(gray.pixels[0] - luma) <= 1.5);
  return {image.pixels[0], image.pixels[1], image.pixels[2]};
}

Bytes flat(const std::vector<int>& levels, const std::string& markers, std::string_view names = "\1\2\3\4",
           int sampling = 1) {
  JpegFile file{.width = 40, .height = 24, .parts = {}, .markers = markers};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const int factor = i == 0 || i == 3 ? sampling : 1;
    file.parts.push_back(flat_part(static_cast<std::uint8_t>(names[i]), levels[i], factor, factor));
  }
  return write_jpeg(file);
}

/// Luma of which all blocks differ, and differ inside.
JpegPart textured(std::uint8_t id, int h = 1, int v = 1) {
  return {id, h, v, [](int x, int y) {
            return JpegBlock{60 + (x * 37 + y * 61) % 136, (x * 7 + y * 5) % 63 - 31};
          }};
}

/// Chroma, which changes slowly.
JpegPart tinted(std::uint8_t id) {
  return {id, 1, 1, [id](int x, int y) { return JpegBlock{120 + 2 * x - y + id, 1}; }};
}

/// The means of `by` x `by` pixels of one of `channels` values.
std::vector<double> means(const Bytes& pixels, Index width, Index height, Index by, Index channels) {
  std::vector<double> result;
  for (Index y = 0; y < height; y += by) {
    for (Index x = 0; x < width; x += by) {
      for (Index c = 0; c < channels; ++c) {
        double sum = 0, count = 0;
        for (Index v = y; v < std::min(y + by, height); ++v) {
          for (Index h = x; h < std::min(x + by, width); ++h, ++count) {
            sum += pixels[static_cast<std::size_t>((v * width + h) * channels + c)];
          }
        }
        result.push_back(sum / count);
      }
    }
  }
  return result;
}

double mean_difference(const Bytes& pixels, const std::vector<double>& expected) {
  REQUIRE(pixels.size() == expected.size());
  double sum = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) sum += std::abs(pixels[i] - expected[i]);
  return sum / static_cast<double>(pixels.size());
}

/// Files of several kinds, with a picture in which every block differs.
std::vector<JpegFile> kinds() {
  const std::vector<JpegPart> gray = {textured(1)};
  const std::vector<JpegPart> full = {textured(1), tinted(2), tinted(3)};
  const std::vector<JpegPart> half = {textured(1, 2, 2), tinted(2), tinted(3)};
  return {{.width = 83, .height = 61, .parts = gray},
          {.width = 83, .height = 61, .parts = full},
          {.width = 83, .height = 61, .parts = half},
          {.width = 83, .height = 61, .parts = {textured(1, 2, 1), tinted(2), tinted(3)}},
          {.width = 83, .height = 61, .parts = {textured(1, 4, 1), tinted(2), tinted(3)}},
          {.width = 83, .height = 61, .parts = half, .interleaved = false},
          {.width = 83, .height = 61, .parts = half, .progressive = true},
          {.width = 83, .height = 61, .parts = gray, .progressive = true, .restart_interval = 7},
          {.width = 83, .height = 61, .parts = half, .restart_interval = 3}};
}

}  // namespace

TEST_CASE("four components of a JPEG are CMYK, inverted, unless Adobe's marker says YCCK", "[image]") {
  using Color = std::array<int, 3>;
  const std::vector<int> ink = {204, 102, 51, 128};
  const Color cmyk = {102, 51, 26};
  CHECK(color_of(flat(ink, "")) == cmyk);
  CHECK(color_of(flat(ink, kJfif)) == cmyk);
  CHECK(color_of(flat(ink, adobe(0))) == cmyk);
  CHECK(color_of(flat(ink, "", "CMYK")) == cmyk);
  CHECK(color_of(flat(ink, "", "\1\2\3\4", 2)) == cmyk);  // the first and the last at twice the size

  const std::vector<int> luma_and_ink = {100, 128, 128, 128};  // no color
  CHECK(color_of(flat(luma_and_ink, adobe(2))) == Color{78, 78, 78});
  CHECK(color_of(flat(luma_and_ink, adobe(1))) == Color{78, 78, 78});
}

TEST_CASE("three components of a JPEG are what libjpeg takes them for", "[image]") {
  using Color = std::array<int, 3>;
  const std::vector<int> levels = {100, 150, 100};
  const Color rgb = {100, 150, 100};
  const Color ycbcr = color_of(flat(levels, kJfif));
  CHECK(std::abs(ycbcr[0] - (100 - 1.402 * 28)) <= 2);
  CHECK(std::abs(ycbcr[2] - (100 + 1.772 * 22)) <= 2);
  CHECK(color_of(flat(levels, "")) == ycbcr);
  CHECK(color_of(flat(levels, adobe(1))) == ycbcr);
  CHECK(color_of(flat(levels, adobe(0))) == rgb);
  CHECK(color_of(flat(levels, "", "RGB")) == rgb);
  // JFIF says Y'CbCr, and who writes Adobe's marker means it.
  CHECK(color_of(flat(levels, kJfif + adobe(0))) == ycbcr);
  CHECK(color_of(flat(levels, adobe(0) + kJfif)) == ycbcr);
  CHECK(color_of(flat(levels, kJfif, "RGB")) == ycbcr);
  CHECK(color_of(flat(levels, adobe(1), "RGB")) == ycbcr);
  CHECK(color_of(flat({77}, adobe(0))) == Color{77, 77, 77});
  CHECK(error_of(flat({1, 2}, "")) == "a.jpg: JPEG of 2 components, of which 1, 3 or 4 are read");
}

TEST_CASE("a JPEG without Huffman tables is decoded with the standard ones", "[image]") {
  for (JpegFile file : kinds()) {
    const GrayImage gray = decode_gray(write_jpeg(file), "a");
    const RgbImage rgb = decode_rgb(write_jpeg(file), "a");
    for (const bool dc : {false, true}) {
      file.dc_table = dc;
      file.ac_table = !dc;
      if (file.progressive) {
        CHECK(error_of(write_jpeg(file)) == "a.jpg: damaged JPEG: no Huffman table for a scan");
        continue;
      }
      CHECK(decode_gray(write_jpeg(file), "a") == gray);
      file.ac_table = false;
      CHECK(decode_gray(write_jpeg(file), "a") == gray);
      CHECK(decode_rgb(write_jpeg(file), "a") == rgb);
    }
    file.quantization = false;
    CHECK(error_of(write_jpeg(file)) == "a.jpg: damaged JPEG: no quantization table for a scan");
  }
}

TEST_CASE("a JPEG that lacks only its end is read, one that lacks more is truncated", "[image]") {
  for (const JpegFile& file : kinds()) {
    CAPTURE(file.progressive, file.interleaved, file.restart_interval, file.parts.size());
    const Bytes whole = write_jpeg(file);
    const GrayImage gray = decode_gray(whole, "a");
    const RgbImage rgb = decode_rgb(whole, "a");
    Bytes cut = whole;
    for (int missing = 1; missing <= 2; ++missing) {
      cut.pop_back();
      CHECK(decode_gray(cut, "a") == gray);
      CHECK(decode_rgb(cut, "a") == rgb);
    }
    CHECK(cut.size() == whole.size() - 2);
    while (cut.size() > whole.size() / 4) {
      cut.pop_back();
      const std::string error = mien::test::error_of([&] { decode_gray(cut, "a.jpg"); });
      if (error != "a.jpg: truncated JPEG")
        FAIL("without " << whole.size() - cut.size() << " bytes: " << error);
    }
  }
}

TEST_CASE("an end marker does not make a JPEG whole", "[image]") {
  for (const JpegFile& file : kinds()) {
    CAPTURE(file.progressive, file.interleaved, file.restart_interval, file.parts.size());
    const Bytes whole = write_jpeg(file);
    const GrayImage gray = decode_gray(whole, "a");
    for (std::size_t size = whole.size() / 2; size < whole.size() - 2; ++size) {
      Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      cut.insert(cut.end(), {0xff, 0xd9});
      const std::string error = mien::test::error_of([&] { decode_gray(cut, "a.jpg"); });
      if (error == "a.jpg: truncated JPEG") continue;
      // Cut within a header, whose last bytes are then those of the end marker; or between the scans of a
      // progressive file, which has only some of the coefficients, as it may.
      if (error == "no error" ? !file.progressive : error.find("a.jpg: damaged JPEG: ") != 0)
        FAIL("the first " << size << " bytes: " << error);
    }
    // Bytes behind a scan that belong to nothing do no harm.
    Bytes filled = whole;
    filled.insert(filled.end() - 2, {0, 0, 0xff, 0xff});
    CHECK(decode_gray(filled, "a") == gray);
  }
}

TEST_CASE("a JPEG too small for its pixels is cut short", "[image]") {
  for (const bool progressive : {false, true}) {
    JpegFile file;
    file.width = file.height = 64;
    file.progressive = progressive;
    Bytes bytes = write_jpeg(file);
    REQUIRE(error_of(bytes) == "no error");
    const std::array<std::uint8_t, 2> frame = {0xff, static_cast<std::uint8_t>(progressive ? 0xc2 : 0xc0)};
    const auto begin = std::search(bytes.begin(), bytes.end(), frame.begin(), frame.end());
    for (const std::ptrdiff_t edge : {5, 7}) begin[edge] = 16;  // 4,160 pixels each
    CHECK(error_of(bytes) == "a.jpg: truncated JPEG");
  }
}

TEST_CASE("pixels times scans of a JPEG are limited", "[image]") {
  JpegFile file;
  file.width = file.height = 64;
  file.parts = {JpegPart{1, 1, 1}, JpegPart{2, 1, 1}, JpegPart{3, 1, 1}};
  file.interleaved = false;
  const Bytes bytes = write_jpeg(file);
  const auto error = [&](Index pixels) {
    return mien::test::error_of([&] { decode_gray(bytes, "a.jpg", {.max_scanned_pixels = pixels}); });
  };
  CHECK(error(3 * 64 * 64) == "no error");
  CHECK(error(3 * 64 * 64 - 1) == "a.jpg: JPEG of 64x64 pixels in 3 scans, which takes too long");
}

TEST_CASE("every component of a JPEG has to come, and can be told from the others", "[image]") {
  JpegFile file;
  file.parts = {JpegPart{1, 1, 1}, JpegPart{2, 1, 1}, JpegPart{3, 1, 1}};
  file.interleaved = false;
  Bytes first = write_jpeg(file);
  const std::array<std::uint8_t, 2> scan = {0xff, 0xda};
  const auto begin = std::search(first.begin(), first.end(), scan.begin(), scan.end());
  first.erase(std::search(begin + 2, first.end(), scan.begin(), scan.end()), first.end() - 2);
  CHECK(error_of(first) == "a.jpg: truncated JPEG");
  file.parts[2].id = 1;
  CHECK(error_of(write_jpeg(file)) == "a.jpg: damaged JPEG: two components of the same number");
}

TEST_CASE("a JPEG that is too large comes at the largest size that is not", "[image]") {
  for (const JpegFile& file : kinds()) {
    CAPTURE(file.progressive, file.interleaved, file.restart_interval, file.parts.size(), file.parts[0].h);
    const Bytes bytes = write_jpeg(file);
    const GrayImage gray = decode_gray(bytes, "a");
    const RgbImage rgb = decode_rgb(bytes, "a");
    CHECK(gray.reduction == mien::image::Reduction{});
    for (const Index by : {2, 4, 8}) {
      const Index edge = (83 + by - 1) / by;
      for (const DecodeLimits& limits :
           {DecodeLimits{.max_edge = edge}, DecodeLimits{.max_edge = 2 * edge - 2}}) {
        const GrayImage small = decode_gray(bytes, "a", limits);
        CHECK(small.width == edge);
        CHECK(small.height == (61 + by - 1) / by);
        CHECK(small.reduction == mien::image::Reduction{by, 83, 61});
        // At the edges the blocks' pixels beyond the picture count, too.
        CHECK(mean_difference(small.pixels, means(gray.pixels, 83, 61, by, 1)) < 2);
        const RgbImage color = decode_rgb(bytes, "a", limits);
        CHECK(color.reduction == small.reduction);
        CHECK(mean_difference(color.pixels, means(rgb.pixels, 83, 61, by, 3)) < 2);
      }
    }
    const Index half = 42 * 31;
    CHECK(decode_gray(bytes, "a", {.max_pixels = half}).reduction.by == 2);
    CHECK(decode_gray(bytes, "a", {.max_pixels = half - 1}).reduction.by == 4);
    CHECK(error_of(bytes, {.max_edge = 10}) ==
          "a.jpg: image of 83x61 pixels, too large to be read even at an eighth of its size");
    CHECK(error_of(bytes, {.max_jpeg_pixels = 5000}) ==
          "a.jpg: image of 83x61 pixels, at most 5000 in all are read");
  }
}

TEST_CASE("a reduced JPEG is turned, and says the size of what it shows", "[image]") {
  const std::string exif(
      "\xff\xe1\0\x22"
      "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
      36);
  JpegFile file{.width = 83, .height = 61, .parts = {textured(1)}, .markers = exif};
  const GrayImage turned = decode_gray(write_jpeg(file), "a", {.max_edge = 42});
  CHECK(turned.width == 31);
  CHECK(turned.height == 42);
  CHECK(turned.reduction == mien::image::Reduction{2, 61, 83});
}

TEST_CASE("photos of 48 and 108 megapixels are read", "[image]") {
  const auto left_and_right = [](int columns) {
    return [columns](int x, int) { return JpegBlock{x < columns / 2 ? 50 : 200, 0}; };
  };
  struct Case {
    int width, height;
    bool progressive;
  };
  for (const Case& c : {Case{8064, 6048, false}, Case{12000, 9000, false}, Case{8064, 6048, true}}) {
    JpegFile file{.width = c.width, .height = c.height, .parts = {}, .progressive = c.progressive};
    file.parts = {{1, 2, 2, left_and_right(c.width / 8)}, flat_part(2, 128), flat_part(3, 128)};
    const GrayImage image = decode_gray(write_jpeg(file), "a");
    CHECK(image.reduction == mien::image::Reduction{2, c.width, c.height});
    REQUIRE(image.width == c.width / 2);
    REQUIRE(image.height == c.height / 2);
    CHECK(image.pixels.front() == 50);
    CHECK(image.pixels.back() == 200);
  }
}

TEST_CASE("a JPEG keeps to the memory that is allowed, reduced or not", "[image]") {
  JpegFile file{.width = 1024, .height = 1024, .parts = {textured(1), tinted(2), tinted(3)}};
  const std::size_t mib = std::size_t{1} << 20;
  // Its planes are 3 MiB, of which one whose edges are halved takes a quarter.
  CHECK(error_of(write_jpeg(file), {.max_memory = 2 * mib}) ==
        "a.jpg: JPEG of 1024x1024 pixels needs more than 2 MiB to decode");
  CHECK(decode_rgb(write_jpeg(file), "a", {.max_edge = 512, .max_memory = mib}).width == 512);
  file.progressive = true;  // all coefficients, of two bytes each
  CHECK(error_of(write_jpeg(file), {.max_edge = 512, .max_memory = 6 * mib}) ==
        "a.jpg: JPEG of 1024x1024 pixels needs more than 6 MiB to decode: save it as a baseline JPEG, not a "
        "progressive one");
  CHECK(decode_rgb(write_jpeg(file), "a", {.max_edge = 512, .max_memory = 7 * mib}).width == 512);
}
