#include "picture_decoder.hpp"

namespace ferpredict {
namespace {

class PlainDecoder final : public PictureDecoder {
 public:
  mien::image::GrayImage gray(std::span<const std::uint8_t> bytes, std::string_view name,
                              const mien::image::DecodeLimits& limits) override {
    return mien::image::decode_gray(bytes, name, limits);
  }
  mien::image::RgbImage rgb(std::span<const std::uint8_t> bytes, std::string_view name,
                            const mien::image::DecodeLimits& limits) override {
    return mien::image::decode_rgb(bytes, name, limits);
  }
};

}  // namespace

PictureDecoder& plain_decoder() {
  static PlainDecoder decoder;
  return decoder;
}

}  // namespace ferpredict
