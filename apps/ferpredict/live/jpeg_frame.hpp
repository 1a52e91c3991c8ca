// A JPEG file that is a frame of a video.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "frame_source.hpp"
#include "mien/image/decode.hpp"

namespace ferpredict::live {

/// As mien::image::decode_gray, and says how long it took; then, if asked for, as decode_rgb.
Frame decode_jpeg_frame(std::span<const std::uint8_t> bytes, std::string_view name, bool color = false,
                        const mien::image::DecodeLimits& limits = {});

}  // namespace ferpredict::live
