// What stb_image leaves out before it decodes a JPEG: a whole file, Huffman tables that fit, a bound on the
// number of scans, the orientation. Markers: ITU-T T.81, table B.1.
#include <algorithm>
#include <string>

#include "image/formats.hpp"

namespace mien::image::detail {
namespace {

// Every scan of a progressive file visits every block, however short the scan is. Encoders write about 10.
constexpr int kMaxScans = 100;
constexpr std::size_t kMaxHuffmanValues = 256;

bool is_restart(std::uint8_t marker) {
  return marker >= 0xd0 && marker <= 0xd7;
}

bool begins_with(Bytes data, std::string_view text) {
  return data.size() >= text.size() && std::equal(text.begin(), text.end(), data.begin());
}

class JpegWalk {
 public:
  JpegWalk(Bytes bytes, std::string_view name, const DecodeLimits& limits)
      : bytes_(bytes), name_(name), limits_(limits) {}

  /// Walks the markers to the end of the image.
  void run() {
    at_ = 2;
    for (;;) {
      const std::uint8_t marker = next_marker();
      if (marker == 0xd9) break;
      if (marker == 0x01 || is_restart(marker)) continue;
      if (bytes_.size() - at_ < 2) truncated();
      const std::size_t length = be16(bytes_, at_);
      if (length < 2) fail(name_, "damaged JPEG: segment of " + std::to_string(length) + " bytes");
      if (bytes_.size() - at_ < length) truncated();
      read_segment(marker, bytes_.subspan(at_ + 2, length - 2));
      at_ += length;
      if (marker == 0xda) skip_scan();
    }
    if (scans_ == 0) fail(name_, "damaged JPEG: no image in it");
  }

  /// The Exif orientation.
  int orientation() const { return orientation_; }

  /// Whether the first of three components is luma, by the rules of those who read JPEGs: JFIF says so; without
  /// it, components called R, G and B and Adobe's transform 0 say otherwise.
  bool is_ycbcr() const { return components_ == 3 && !named_rgb_ && (is_jfif_ || adobe_transform_ != 0); }

 private:
  [[noreturn]] void truncated() const { fail(name_, "truncated JPEG"); }

  /// Skips to 0xff and over repeats of it; leaves at_ behind the marker.
  std::uint8_t next_marker() {
    while (at_ < bytes_.size() && bytes_[at_] != 0xff) ++at_;
    while (at_ < bytes_.size() && bytes_[at_] == 0xff) ++at_;
    if (at_ >= bytes_.size()) truncated();
    return bytes_[at_++];
  }

  /// Over entropy-coded data, to the 0xff of the marker that ends it.
  void skip_scan() {
    if (++scans_ > kMaxScans) fail(name_, "JPEG of more than " + std::to_string(kMaxScans) + " scans");
    for (;; ++at_) {
      at_ = static_cast<std::size_t>(
          std::find(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), bytes_.end(), 0xff) - bytes_.begin());
      if (bytes_.size() - at_ < 2) truncated();
      const std::uint8_t next = bytes_[at_ + 1];
      if (next != 0 && next != 0xff && !is_restart(next)) return;
    }
  }

  void read_segment(std::uint8_t marker, Bytes data) {
    if (marker == 0xc4) {
      check_huffman(data);
    } else if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc) {
      check_frame(marker, data);
    } else if (marker == 0xe0 && begins_with(data, "JFIF")) {
      is_jfif_ = true;
    } else if (marker == 0xee && begins_with(data, "Adobe") && data.size() >= 12) {
      adobe_transform_ = data[11];
    } else if (marker == 0xe1 && orientation_ == 1) {
      orientation_ = exif_orientation(data);
    }
  }

  /// stb_image before 2.28 writes past its tables for more values than these.
  void check_huffman(Bytes data) const {
    while (!data.empty()) {
      if (data.size() < 17) fail(name_, "damaged JPEG: bad Huffman table");
      std::size_t values = 0;
      for (std::size_t i = 1; i <= 16; ++i) values += data[i];
      if (values > kMaxHuffmanValues || data.size() < 17 + values)
        fail(name_, "damaged JPEG: bad Huffman table");
      data = data.subspan(17 + values);
    }
  }

  void check_frame(std::uint8_t marker, Bytes data) {
    if (marker > 0xc2) fail(name_, "JPEG with lossless or arithmetic coding, which is not read");
    if (seen_frame_) fail(name_, "damaged JPEG: two frame headers");
    seen_frame_ = true;
    if (data.size() < 6) fail(name_, "damaged JPEG: short frame header");
    if (data[0] != 8) fail(name_, "JPEG of " + std::to_string(data[0]) + " bits per sample, which is not read");
    check_size(name_, static_cast<Index>(be16(data, 3)), static_cast<Index>(be16(data, 1)), limits_);
    components_ = data[5];
    named_rgb_ = components_ == 3 && data.size() >= 15 && data[6] == 'R' && data[9] == 'G' && data[12] == 'B';
  }

  Bytes bytes_;
  std::string_view name_;
  const DecodeLimits& limits_;
  std::size_t at_ = 0;
  int scans_ = 0;
  int orientation_ = 1;
  int components_ = 0;
  int adobe_transform_ = -1;
  bool named_rgb_ = false;
  bool is_jfif_ = false;
  bool seen_frame_ = false;
};

}  // namespace

Raster decode_jpeg(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels) {
  JpegWalk walk(bytes, name, limits);
  walk.run();
  const StoredPlanes planes = channels == 1 && walk.is_ycbcr() ? StoredPlanes::luma : StoredPlanes::all;
  return apply_orientation(decode_with_stb(bytes, name, "JPEG", limits, channels, planes), walk.orientation());
}

}  // namespace mien::image::detail
