// PGM and PPM, text (P2, P3) and binary (P5, P6): https://netpbm.sourceforge.net/doc/pgm.html, ppm.html.
#include <string>

#include "image/formats.hpp"

namespace mien::image::detail {
namespace {

bool is_blank(std::uint8_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

class PnmReader {
 public:
  PnmReader(Bytes bytes, std::string_view name, const DecodeLimits& limits)
      : bytes_(bytes),
        name_(name),
        limits_(limits),
        kind_(bytes[1] == '2' || bytes[1] == '5' ? "PGM" : "PPM") {}

  Raster read(Index channels) {
    const bool binary = bytes_[1] >= '5';
    const bool gray = kind_ == "PGM";
    at_ = 2;
    if (at_ < bytes_.size() && !is_blank(bytes_[at_]) && bytes_[at_] != '#') fail(name_, "not an image");

    const Index width = static_cast<Index>(next_number(kMaxNumber));
    const Index height = static_cast<Index>(next_number(kMaxNumber));
    maximum_ = next_number(65535);
    check_picture_size(name_, width, height, limits_);
    if (maximum_ == 0) fail(name_, kind_ + " with a maximum of 0");

    const std::size_t samples = static_cast<std::size_t>(width * height) * (gray ? 1 : 3);
    if (binary) {
      skip_one_blank();
      if (bytes_.size() - at_ < samples * (maximum_ > 255 ? 2 : 1)) truncated();
    } else if (bytes_.size() - at_ < 2 * samples) {  // a blank and a digit for each: checked before allocating
      truncated();
    }
    Raster image = make_raster(width, height, channels);
    if (channels == 1) {
      read_pixels<1>(image.pixels, gray, binary);
    } else {
      read_pixels<3>(image.pixels, gray, binary);
    }
    return image;
  }

 private:
  static constexpr std::uint32_t kMaxNumber = 99999999;

  [[noreturn]] void truncated() const { fail(name_, "truncated " + kind_); }

  /// To the next number, over blanks and comments.
  void skip_blanks() {
    while (at_ < bytes_.size() && (is_blank(bytes_[at_]) || bytes_[at_] == '#')) {
      if (bytes_[at_] == '#') {
        while (at_ < bytes_.size() && bytes_[at_] != '\n' && bytes_[at_] != '\r') ++at_;
      } else {
        ++at_;
      }
    }
  }

  std::uint32_t next_number(std::uint32_t maximum) {
    skip_blanks();
    if (at_ == bytes_.size()) truncated();
    const std::size_t begin = at_;
    std::uint32_t value = 0;
    for (; at_ < bytes_.size() && bytes_[at_] >= '0' && bytes_[at_] <= '9'; ++at_) {
      value = value * 10 + (bytes_[at_] - std::uint32_t{'0'});
      if (value > maximum) {
        fail(name_,
             kind_ + " with a number above " + std::to_string(maximum) + " at byte " + std::to_string(begin));
      }
    }
    if (at_ == begin || (at_ < bytes_.size() && !is_blank(bytes_[at_]) && bytes_[at_] != '#')) {
      fail(name_, kind_ + " without a whole number at byte " + std::to_string(begin));
    }
    return value;
  }

  /// Of a constant number of values a pixel, which keeps the loop for gray pictures short.
  template <Index kChannels>
  void read_pixels(std::span<std::uint8_t> out, bool gray, bool binary) {
    std::uint8_t* to = out.data();
    while (to != out.data() + out.size()) {
      const std::uint32_t r = next_sample(binary);
      if (gray) {
        to = put_gray(to, kChannels, static_cast<std::uint8_t>(r));
      } else {
        const std::uint32_t g = next_sample(binary);
        to = put_color(to, kChannels, r, g, next_sample(binary));
      }
    }
  }

  void skip_one_blank() {
    if (at_ == bytes_.size()) truncated();
    if (!is_blank(bytes_[at_])) fail(name_, kind_ + " without a blank at byte " + std::to_string(at_));
    ++at_;
  }

  /// One sample scaled to 0 .. 255.
  std::uint32_t next_sample(bool binary) {
    std::uint32_t value = 0;
    if (!binary) {
      value = next_number(maximum_);
    } else if (maximum_ > 255) {
      value = be16(bytes_, at_);
      at_ += 2;
    } else {
      value = bytes_[at_++];
    }
    if (value > maximum_) {
      fail(name_, kind_ + " with a sample of " + std::to_string(value) + " and a maximum of " +
                      std::to_string(maximum_));
    }
    return (value * 255 + maximum_ / 2) / maximum_;
  }

  Bytes bytes_;
  std::string_view name_;
  const DecodeLimits& limits_;
  std::string kind_;
  std::size_t at_ = 0;
  std::uint32_t maximum_ = 0;
};

}  // namespace

Raster decode_pnm(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels) {
  return PnmReader(bytes, name, limits).read(channels);
}

}  // namespace mien::image::detail
