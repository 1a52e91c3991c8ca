// A JPEG file that is a frame of a video.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "frame_source.hpp"
#include "mien/image/decode.hpp"

namespace ferpredict::live {

/// What a frame may cost: as many pixels as a photo that is not reduced, those of 8K, and eight scans of so
/// many.
inline constexpr mien::image::DecodeLimits kFrameLimits{
    .max_jpeg_pixels = mien::image::DecodeLimits().max_pixels, .max_scanned_pixels = mien::Index{1} << 28};

/// Gray, and says how long it took; then, if asked for, in color.
Frame decode_jpeg_frame(std::span<const std::uint8_t> bytes, std::string_view name, bool color,
                        PictureDecoder& decoder, const mien::image::DecodeLimits& limits = kFrameLimits);

}  // namespace ferpredict::live
