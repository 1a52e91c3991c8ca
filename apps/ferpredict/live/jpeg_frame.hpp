// A JPEG file that is a frame of a video.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "frame_source.hpp"
#include "mien/image/decode.hpp"

namespace ferpredict::live {

/// As mien::image::decode_gray, and says how long it took. Cameras leave out the Huffman tables that all of
/// them use: a baseline file without any is decoded with those of ITU-T T.81, annex K.3.
Frame decode_jpeg_frame(std::span<const std::uint8_t> bytes, std::string_view name,
                        const mien::image::DecodeLimits& limits = {});

}  // namespace ferpredict::live
