// Where the bytes of pictures become pixels: in this process, or in one that can do nothing else (--sandbox).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mien/image/decode.hpp"
#include "mien/image/image.hpp"

namespace ferpredict {

/// To be called by several threads at a time.
class PictureDecoder {
 public:
  PictureDecoder() = default;
  PictureDecoder(const PictureDecoder&) = delete;
  PictureDecoder& operator=(const PictureDecoder&) = delete;
  virtual ~PictureDecoder() = default;

  /// As mien::image::decode_gray.
  virtual mien::image::GrayImage gray(std::span<const std::uint8_t> bytes, std::string_view name,
                                      const mien::image::DecodeLimits& limits) = 0;
  /// As mien::image::decode_rgb.
  virtual mien::image::RgbImage rgb(std::span<const std::uint8_t> bytes, std::string_view name,
                                    const mien::image::DecodeLimits& limits) = 0;
};

/// In this process.
PictureDecoder& plain_decoder();

}  // namespace ferpredict
