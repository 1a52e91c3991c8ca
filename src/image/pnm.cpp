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

  GrayImage read() {
    const bool binary = bytes_[1] >= '5';
    const std::size_t channels = kind_ == "PGM" ? 1 : 3;
    at_ = 2;
    if (at_ < bytes_.size() && !is_blank(bytes_[at_]) && bytes_[at_] != '#') fail(name_, "not an image");

    GrayImage image;
    image.width = static_cast<Index>(next_number(kMaxNumber));
    image.height = static_cast<Index>(next_number(kMaxNumber));
    maximum_ = next_number(65535);
    check_size(name_, image.width, image.height, limits_);
    if (maximum_ == 0) fail(name_, kind_ + " with a maximum of 0");

    const std::size_t pixels = static_cast<std::size_t>(image.width * image.height);
    const std::size_t samples = pixels * channels;
    if (binary) {
      skip_one_blank();
      if (bytes_.size() - at_ < samples * (maximum_ > 255 ? 2 : 1)) truncated();
    } else if (bytes_.size() - at_ < 2 * samples) {  // a blank and a digit for each: checked before allocating
      truncated();
    }
    image.pixels.resize(pixels);
    for (std::uint8_t& pixel : image.pixels) {
      const std::uint32_t r = next_sample(binary);
      if (channels == 1) {
        pixel = static_cast<std::uint8_t>(r);
      } else {
        const std::uint32_t g = next_sample(binary);
        pixel = luma(r, g, next_sample(binary));
      }
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

GrayImage decode_pnm(Bytes bytes, std::string_view name, const DecodeLimits& limits) {
  return PnmReader(bytes, name, limits).read();
}

}  // namespace mien::image::detail
