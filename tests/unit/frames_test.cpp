#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "ferpredict/live/frame_source.hpp"
#include "ferpredict/live/mjpeg_stream.hpp"
#include "integration/cli_images.hpp"
#include "mien/core/error.hpp"
#include "mien/image/decode.hpp"
#include "support/catch.hpp"

using namespace ferpredict::live;
using mien::image::GrayImage;

namespace {

// 24 x 24 pixels of 6 x + 4 y by libjpeg: with several scans, and with all the restart markers.
constexpr std::uint8_t kProgressive[] = {
    0xff, 0xd8, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x0d, 0x09, 0x0a, 0x0b, 0x0a, 0x08, 0x0d, 0x0b, 0x0a, 0x0b, 0x0e,
    0x0e, 0x0d, 0x0f, 0x13, 0x20, 0x15, 0x13, 0x12, 0x12, 0x13, 0x27, 0x1c, 0x1e, 0x17, 0x20, 0x2e, 0x29, 0x31,
    0x30, 0x2e, 0x29, 0x2d, 0x2c, 0x33, 0x3a, 0x4a, 0x3e, 0x33, 0x36, 0x46, 0x37, 0x2c, 0x2d, 0x40, 0x57, 0x41,
    0x46, 0x4c, 0x4e, 0x52, 0x53, 0x52, 0x32, 0x3e, 0x5a, 0x61, 0x5a, 0x50, 0x60, 0x4a, 0x51, 0x52, 0x4f, 0xff,
    0xc2, 0x00, 0x0b, 0x08, 0x00, 0x18, 0x00, 0x18, 0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x15, 0x00, 0x01,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x05, 0xff,
    0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x00, 0x01, 0x84, 0xf7, 0xcb, 0x7b, 0xe5, 0xbd, 0xdf, 0xff, 0xc4,
    0x00, 0x16, 0x10, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x01, 0x02, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x01, 0x05, 0x02, 0x84, 0x42, 0x21, 0x10,
    0x88, 0x44, 0x22, 0x11, 0x08, 0x84, 0x7f, 0xff, 0xc4, 0x00, 0x14, 0x10, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x30, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00,
    0x06, 0x3f, 0x02, 0x1f, 0xff, 0xc4, 0x00, 0x14, 0x10, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x30, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x01, 0x3f, 0x21,
    0x15, 0x55, 0x57, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x00, 0x10, 0x80, 0xff, 0x00, 0xff, 0xc4,
    0x00, 0x16, 0x10, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x21, 0x31, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x01, 0x3f, 0x10, 0x8a, 0x22, 0x88, 0xa2,
    0x28, 0x8a, 0x22, 0x88, 0xa2, 0x28, 0x8a, 0x3f, 0xff, 0xd9,
};
constexpr std::uint8_t kRestarts[] = {
    0xff, 0xd8, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x0d, 0x09, 0x0a, 0x0b, 0x0a, 0x08, 0x0d, 0x0b, 0x0a, 0x0b, 0x0e,
    0x0e, 0x0d, 0x0f, 0x13, 0x20, 0x15, 0x13, 0x12, 0x12, 0x13, 0x27, 0x1c, 0x1e, 0x17, 0x20, 0x2e, 0x29, 0x31,
    0x30, 0x2e, 0x29, 0x2d, 0x2c, 0x33, 0x3a, 0x4a, 0x3e, 0x33, 0x36, 0x46, 0x37, 0x2c, 0x2d, 0x40, 0x57, 0x41,
    0x46, 0x4c, 0x4e, 0x52, 0x53, 0x52, 0x32, 0x3e, 0x5a, 0x61, 0x5a, 0x50, 0x60, 0x4a, 0x51, 0x52, 0x4f, 0xff,
    0xc0, 0x00, 0x0b, 0x08, 0x00, 0x18, 0x00, 0x18, 0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x17, 0x00, 0x00,
    0x03, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x05, 0x06,
    0x02, 0xff, 0xc4, 0x00, 0x18, 0x10, 0x00, 0x02, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x04, 0x21, 0x31, 0xff, 0xdd, 0x00, 0x04, 0x00, 0x01, 0xff, 0xda, 0x00,
    0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00, 0x86, 0x86, 0x8c, 0xa3, 0xff, 0xd0, 0x47, 0x0d, 0x19, 0x47, 0xff,
    0xd1, 0xd4, 0x34, 0x65, 0x1f, 0xff, 0xd2, 0x99, 0x86, 0x8c, 0xa3, 0xff, 0xd3, 0x1e, 0x1a, 0x32, 0x8f, 0xff,
    0xd4, 0x6d, 0x0d, 0x19, 0x47, 0xff, 0xd5, 0x5b, 0x0d, 0x19, 0x47, 0xff, 0xd6, 0x32, 0x1a, 0x32, 0x8f, 0xff,
    0xd7, 0xa9, 0x86, 0x8c, 0xa3, 0xff, 0xd9,
};

// A JPEG of stb_image_write's: baseline, with the standard tables. Another picture for another `seed`.
std::string jpeg(int seed) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 48 * 48; ++i) pixels.push_back(static_cast<std::uint8_t>(i / 48 * seed + i % 48 * 2));
  return mien::test::encoded("jpg", pixels);
}

std::string text_of(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

GrayImage decoded(std::string_view bytes) {
  return mien::image::decode_gray({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "test");
}

// Where the first segment of that kind begins.
std::size_t find_segment(const std::string& file, char marker) {
  return file.find(std::string{'\xff', marker});
}

std::string without_huffman_tables(std::string file) {
  for (std::size_t at; (at = find_segment(file, '\xc4')) < find_segment(file, '\xda');) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(file[at + i]); };
    file.erase(at, 2 + (std::size_t{byte(2)} << 8 | byte(3)));
  }
  return file;
}

// `thumbnail` in an APP1 segment behind the start of the image.
std::string with_thumbnail(const std::string& file, const std::string& thumbnail) {
  const std::size_t length = thumbnail.size() + 2;
  std::string segment = "\xff\xe1";
  segment += static_cast<char>(length >> 8);
  segment += static_cast<char>(length & 255);
  return file.substr(0, 2) + segment + thumbnail + file.substr(2);
}

// What is written at one end is the stream at the other.
class Pipe {
 public:
  Pipe() {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    reader_ = ::fdopen(ends[0], "rb");
    writer_ = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close();
    if (thread_.joinable()) thread_.join();
    std::fclose(reader_);
  }

  std::FILE* reader() { return reader_; }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(writer_, bytes.data(), bytes.size());
      if (count <= 0) throw std::runtime_error("cannot write");
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void close() {
    if (!thread_.joinable() && writer_ >= 0) ::close(std::exchange(writer_, -1));
  }
  /// Writes the bytes, `piece` at a time, and closes; meanwhile they can be read.
  void write_in_pieces(std::string bytes, std::size_t piece) {
    thread_ = std::thread([this, bytes = std::move(bytes), piece] {
      for (std::size_t at = 0; at < bytes.size(); at += piece) write(std::string_view(bytes).substr(at, piece));
      ::close(std::exchange(writer_, -1));
    });
  }

 private:
  std::FILE* reader_ = nullptr;
  int writer_ = -1;
  std::thread thread_;
};

// Every frame, or why there is none, to the end of the stream.
struct Outcome {
  GrayImage image;
  std::string error;
};
std::vector<Outcome> drain(FrameSource& source) {
  std::vector<Outcome> outcomes;
  for (;;) {
    try {
      std::optional<Frame> frame = source.next();
      if (!frame) return outcomes;
      CHECK(frame->decode_ms >= 0);
      outcomes.push_back({std::move(frame->image), ""});
    } catch (const mien::DataError& error) {
      outcomes.push_back({{}, error.what()});
    }
    REQUIRE(outcomes.size() < 100);
  }
}

std::vector<Outcome> read(const std::string& stream, const StreamFormat& format = MjpegFormat(),
                          std::size_t piece = 4096) {
  Pipe pipe;
  pipe.write_in_pieces(stream, piece);
  const auto source = open_stream(pipe.reader(), format);
  return drain(*source);
}

void check_images(const std::vector<Outcome>& outcomes, const std::vector<std::string>& files) {
  REQUIRE(outcomes.size() == files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    CHECK(outcomes[i].error.empty());
    CHECK(outcomes[i].image == decoded(files[i]));
  }
}

}  // namespace

TEST_CASE("JPEG files arrive whole and in order, however they are cut into pieces") {
  const std::vector<std::string> files = {jpeg(1), text_of(kProgressive), jpeg(2), text_of(kRestarts), jpeg(3)};
  std::string stream;
  for (const std::string& file : files) stream += file;
  for (const std::size_t piece : {1, 2, 3, 1000, 100000}) {
    CAPTURE(piece);
    check_images(read(stream, MjpegFormat(), piece), files);
  }
}

TEST_CASE("a frame is given when its last byte is there, while the stream stays open") {
  Pipe pipe;
  const auto source = open_stream(pipe.reader(), MjpegFormat());
  for (int i = 1; i <= 3; ++i) {
    pipe.write(jpeg(i));  // else next() would wait forever
    const std::optional<Frame> frame = source->next();
    REQUIRE(frame.has_value());
    CHECK(frame->image == decoded(jpeg(i)));
  }
  pipe.close();
  CHECK_FALSE(source->next().has_value());
  CHECK_FALSE(source->next().has_value());
}

TEST_CASE("a stream that does not wait by itself is waited for") {
  Pipe pipe;
  REQUIRE(::fcntl(::fileno(pipe.reader()), F_SETFL, O_NONBLOCK) == 0);
  pipe.write_in_pieces(jpeg(1) + jpeg(2), 500);
  const auto source = open_stream(pipe.reader(), MjpegFormat());
  check_images(drain(*source), {jpeg(1), jpeg(2)});
}

TEST_CASE("bytes between frames are passed over") {
  const std::string header = "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 1234\r\n\r\n";
  check_images(read(header + jpeg(1) + "\r\n" + header + jpeg(2) + "\r\n--frame--\r\n"), {jpeg(1), jpeg(2)});
  check_images(read("\xff\xd8\x01" + jpeg(1) + "\xff\xff\xd8 \xd8\xff\xff" + jpeg(2)), {jpeg(1), jpeg(2)});
}

TEST_CASE("starts of images one behind the other are noise") {
  std::string noise;
  for (int i = 0; i < 1000; ++i) noise += "\xff\xd8";
  check_images(read(noise + jpeg(1) + noise + jpeg(2)), {jpeg(1), jpeg(2)});
  check_images(read(noise + jpeg(1) + noise + jpeg(2), MjpegFormat(), 1), {jpeg(1), jpeg(2)});
}

TEST_CASE("a frame has at most as many pixels as a photo that is not reduced") {
  std::string wide = jpeg(1);
  const std::size_t frame = find_segment(wide, '\xc0');
  for (const std::size_t edge : {5, 7}) wide.replace(frame + edge, 2, "\x20\x00", 2);  // 67 million
  const std::vector<Outcome> outcomes = read(wide + jpeg(2));
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].error == "-: frame 1: image of 8192x8192 pixels, at most 33554432 in all are read");
  CHECK(outcomes[1].image == decoded(jpeg(2)));
}

TEST_CASE("a thumbnail neither begins nor ends a frame") {
  const std::string file = with_thumbnail(jpeg(1), text_of(kRestarts));
  check_images(read(file + file + jpeg(2)), {jpeg(1), jpeg(1), jpeg(2)});
}

TEST_CASE("a baseline frame without Huffman tables is decoded with the standard ones") {
  const std::string bare = without_huffman_tables(jpeg(3));
  CHECK(bare.size() + 400 < jpeg(3).size());
  CHECK(find_segment(bare, '\xc4') == std::string::npos);
  check_images(read(bare + jpeg(2) + bare), {jpeg(3), jpeg(2), jpeg(3)});
}

TEST_CASE("a frame that lacks only its end marker is read") {
  const auto open_ended = [](std::string file) { return file.substr(0, file.size() - 2); };
  const std::vector<std::string> files = {jpeg(1), text_of(kProgressive), jpeg(2), text_of(kRestarts)};
  std::string stream;
  for (const std::string& file : files) stream += open_ended(file);
  for (const std::size_t piece : {1, 3, 1000}) check_images(read(stream, MjpegFormat(), piece), files);
  check_images(read(open_ended(jpeg(1)) + "\xff" + jpeg(2)), {jpeg(1), jpeg(2)});
}

TEST_CASE("a frame that is cut short or damaged is named, and the next one is read") {
  const std::string good = jpeg(1);
  std::vector<Outcome> outcomes = read(good + good.substr(0, good.size() - 200) + good + good.substr(0, 900));
  REQUIRE(outcomes.size() == 4);
  CHECK(outcomes[0].image == decoded(good));
  CHECK(outcomes[1].error == "-: frame 2: truncated JPEG");
  CHECK(outcomes[2].image == decoded(good));
  CHECK(outcomes[3].error == "-: frame 4: truncated JPEG");

  std::string damaged = good;
  damaged[find_segment(damaged, '\xc0') + 4] = 12;  // bits per sample
  outcomes = read(damaged + good);
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].error == "-: frame 1: JPEG of 12 bits per sample, which is not read");
  CHECK(outcomes[1].image == decoded(good));
}

TEST_CASE("a frame whose segment has swallowed the beginning of the next ones gives them back") {
  const std::string good = jpeg(1), cut = good.substr(0, find_segment(good, '\xc4') + 30);
  std::string endless = good;
  endless.replace(find_segment(good, '\xc4') + 2, 2, "\xff\xff");
  for (const std::string& bad : {cut, endless}) {
    for (const std::size_t piece : {1, 7, 500, 1000, 1000000}) {
      CAPTURE(bad.size(), piece);
      const std::vector<Outcome> outcomes = read(bad + good + bad + good, MjpegFormat(), piece);
      REQUIRE(outcomes.size() == 4);
      for (const std::size_t i : {0, 2})
        CHECK(outcomes[i].error.rfind("-: frame " + std::to_string(i + 1) + ": ", 0) == 0);
      for (const std::size_t i : {1, 3}) CHECK(outcomes[i].image == decoded(good));
    }
  }
}

TEST_CASE("small frames that an application's segment has swallowed whole come back, in pieces or not") {
  const std::string small = text_of(kRestarts);
  std::string bad = jpeg(1);
  REQUIRE(bad.substr(2, 2) == "\xff\xe0");
  bad.replace(4, 2, "\xff\xff");
  std::string stream = bad + bad;
  for (int i = 0; i < 50; ++i) stream += small;
  for (const std::size_t piece : {7, 1000, 1000000}) {
    const std::vector<Outcome> outcomes = read(stream, MjpegFormat(), piece);
    REQUIRE(outcomes.size() == 52);
    for (std::size_t i = 2; i < outcomes.size(); ++i) CHECK(outcomes[i].image == decoded(small));
  }
}

TEST_CASE("the thumbnail of a damaged frame is none of the stream's") {
  const std::string file = with_thumbnail(jpeg(1), text_of(kRestarts));
  const std::vector<Outcome> outcomes = read(file.substr(0, file.size() - 200) + jpeg(2));
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].error == "-: frame 1: truncated JPEG");
  CHECK(outcomes[1].image == decoded(jpeg(2)));
}

TEST_CASE("segments that claim all that follows do not make a stream be read over and over") {
  std::string nested;
  for (int i = 0; i < 500'000; ++i) nested += std::string("\xff\xd8\xff\xdb\xff\xff", 6);
  const std::vector<Outcome> outcomes = read(nested + jpeg(1));
  CHECK(outcomes.size() < 100);
}

TEST_CASE("a stream without a JPEG is an error once, an empty one is not") {
  CHECK(read("").empty());
  const std::vector<Outcome> outcomes = read("no picture here \xff\xd8");
  REQUIRE(outcomes.size() == 1);
  CHECK(outcomes[0].error == "-: no JPEG in a stream of 18 bytes");
}

TEST_CASE("frames without compression in color") {
  const auto color = [](const std::vector<std::uint8_t>& bytes, PixelFormat format) {
    return to_rgb(bytes, format, 2, 1, 2 * bytes_per_pixel(format)).pixels;
  };
  using Bytes = std::vector<std::uint8_t>;
  CHECK(color({10, 200}, PixelFormat::gray8) == Bytes{10, 10, 10, 200, 200, 200});
  CHECK(color({1, 2, 3, 4, 5, 6}, PixelFormat::rgb24) == Bytes{1, 2, 3, 4, 5, 6});
  CHECK(color({90, 128, 30, 128}, PixelFormat::yuyv422) == Bytes{90, 90, 90, 30, 30, 30});
  CHECK(color({76, 85, 76, 255}, PixelFormat::yuyv422) == Bytes{254, 0, 0, 254, 0, 0});  // red
}

TEST_CASE("a frame that is too large is skipped") {
  class Memory final : public ByteSource {
   public:
    explicit Memory(std::string bytes) : bytes_(std::move(bytes)) {}
    std::size_t read(std::span<std::uint8_t> out) override {
      const std::size_t count = std::min(out.size(), bytes_.size() - at_);
      std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
      at_ += count;
      return count;
    }

   private:
    std::string bytes_;
    std::size_t at_ = 0;
  };
  const std::string small = text_of(kRestarts), large = jpeg(1);
  REQUIRE(small.size() < 300);
  REQUIRE(large.size() > 400);
  MjpegStream stream(std::make_unique<Memory>(small + large + small), "s", {.max_file_bytes = 300});
  const std::vector<Outcome> outcomes = drain(stream);
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes[0].image == decoded(small));
  CHECK(outcomes[1].error == "s: frame 2: JPEG of more than 300 bytes");
  CHECK(outcomes[2].image == decoded(small));
}

TEST_CASE("a stream that cannot be read ends with the reason") {
  std::FILE* folder = std::fopen("/", "rb");
  REQUIRE(folder != nullptr);
  for (const StreamFormat& format :
       {StreamFormat(MjpegFormat()), StreamFormat(RawFormat{.width = 2, .height = 2})}) {
    const auto source = open_stream(folder, format, "folder");
    const std::vector<Outcome> outcomes = drain(*source);
    REQUIRE(outcomes.size() == 1);
    CHECK(outcomes[0].error == "folder: Is a directory");
  }
  std::fclose(folder);
}

TEST_CASE("raw frames become gray") {
  const auto images = [](const std::vector<std::uint8_t>& bytes, PixelFormat pixels) {
    std::vector<GrayImage> result;
    for (const std::size_t piece : {1, 5, 1000}) {
      result.clear();
      for (const Outcome& outcome : read(text_of(bytes), RawFormat{pixels, 2, 2}, piece)) {
        CHECK(outcome.error.empty());
        result.push_back(outcome.image);
      }
    }
    return result;
  };
  using Images = std::vector<GrayImage>;
  CHECK(images({1, 2, 3, 4, 255, 6, 0, 8}, PixelFormat::gray8) ==
        Images{{2, 2, {1, 2, 3, 4}}, {2, 2, {255, 6, 0, 8}}});
  CHECK(images({10, 128, 20, 129, 30, 130, 40, 131}, PixelFormat::yuyv422) == Images{{2, 2, {10, 20, 30, 40}}});
  CHECK(images({255, 0, 0, 0, 255, 0, 0, 0, 255, 77, 77, 77}, PixelFormat::rgb24) ==
        Images{{2, 2, {76, 150, 29, 77}}});
  CHECK(images({}, PixelFormat::gray8).empty());
}

TEST_CASE("a part of a raw frame at the end is an error") {
  const std::vector<Outcome> outcomes = read("abcdefghijk", RawFormat{.width = 3, .height = 3});
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].image.pixels.size() == 9);
  CHECK(outcomes[1].error == "-: frame 2: ends after 2 of 9 bytes");
}

TEST_CASE("sizes of raw frames are checked") {
  const auto error = [](const RawFormat& format) -> std::string {
    try {
      open_stream(stdin, format);
    } catch (const mien::ArgumentError& problem) {
      return problem.what();
    }
    return "no error";
  };
  CHECK(error({}) == "[raw frames] 0x0 pixels: edges of 1 to 8192 are read");
  CHECK(error({.width = 8193, .height = 1}) == "[raw frames] 8193x1 pixels: edges of 1 to 8192 are read");
  CHECK(error({.width = 8192, .height = 8192}) ==
        "[raw frames] 8192x8192 pixels: at most 33554432 in all are read");
  CHECK(error({PixelFormat::yuyv422, 3, 2}) == "[raw frames] 3x2 pixels: yuyv422 has an even width");
  CHECK(error({.width = 8192, .height = 4096}) == "no error");
}
