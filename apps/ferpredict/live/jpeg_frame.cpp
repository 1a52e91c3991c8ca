#include "jpeg_frame.hpp"

#include "mien/core/stopwatch.hpp"

namespace ferpredict::live {

Frame decode_jpeg_frame(std::span<const std::uint8_t> bytes, std::string_view name, bool color,
                        PictureDecoder& decoder, const mien::image::DecodeLimits& limits) {
  mien::Stopwatch watch;
  Frame frame;
  frame.image = decoder.gray(bytes, name, limits);
  frame.decode_ms = watch.lap_ms();
  if (color) frame.color = decoder.rgb(bytes, name, limits);
  return frame;
}

}  // namespace ferpredict::live
