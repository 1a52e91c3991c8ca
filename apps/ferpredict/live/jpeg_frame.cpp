#include "jpeg_frame.hpp"

#include "mien/core/stopwatch.hpp"

namespace ferpredict::live {

Frame decode_jpeg_frame(std::span<const std::uint8_t> bytes, std::string_view name, bool color,
                        const mien::image::DecodeLimits& limits) {
  mien::Stopwatch watch;
  Frame frame;
  frame.image = mien::image::decode_gray(bytes, name, limits);
  frame.decode_ms = watch.lap_ms();
  if (color) frame.color = mien::image::decode_rgb(bytes, name, limits);
  return frame;
}

}  // namespace ferpredict::live
