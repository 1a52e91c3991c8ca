// From the bytes of an image file to pixels. Files are taken to be hostile: sizes are checked before memory is
// asked for, and memory is bounded while decoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "mien/image/image.hpp"

namespace mien::image {

/// What a file, and the picture in it, may be at most.
struct DecodeLimits {
  std::size_t max_file_bytes = std::size_t{64} << 20;
  Index max_edge = 8192;               ///< pixels, for the picture's width and height
  Index max_pixels = Index{32} << 20;  ///< the picture's width times height
  /// Of a JPEG that is reduced until it keeps to the two above. All coefficients of a progressive one are held
  /// at once, two bytes each: max_memory bounds it to about 89 million pixels in color (4:4:4; 178 in 4:2:0).
  Index max_jpeg_pixels = Index{256} << 20;
  /// The same times its scans, each of which visits all of them: a small file can have a hundred.
  std::int64_t max_scanned_pixels = std::int64_t{1} << 31;
  std::size_t max_memory = std::size_t{512} << 20;  ///< bytes a decoder may hold, beside the result
};

/// Throws DataError `<name>: image of ...` for a picture without pixels, or beyond max_edge or max_pixels.
void check_picture_size(std::string_view name, Index width, Index height, const DecodeLimits& limits = {});

/// The formats that are read: "PNG, JPEG, GIF, BMP, PGM and PPM", with WebP where the library has been built
/// with it.
std::string readable_formats();
/// Whether a file is named as an image that is read, by its ending (.jpg, .PNG); what is in it is another
/// matter.
bool is_image_name(const std::filesystem::path& path);

/// Decodes a PNG, JPEG, GIF (its first frame), BMP, PGM or PPM (P2, P3, P5, P6) file held in `bytes`, and WebP
/// where the library has been built with it; the format is found by looking at the content. `name` is used in
/// messages only.
///
/// Color becomes luma, Y = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, on the stored gamma-encoded values)
/// as (19595 R + 38470 G + 7471 B + 32768) >> 16; of a JPEG in Y'CbCr it is the Y that is stored. Transparent
/// pixels of a PNG, GIF or WebP are laid over white, as viewers show them; alpha in a BMP is ignored, as
/// viewers do. 16-bit samples keep their upper 8 bits (PNG) or are scaled (PGM, PPM). Four components of a JPEG
/// are CMYK as Adobe stores it, inverted, unless a marker of Adobe's says YCCK. A JPEG, PNG or WebP is turned
/// the way its Exif orientation asks for, the first where there are several.
///
/// A JPEG beyond limits.max_edge or max_pixels comes at a half, a quarter or an eighth of its size, the largest
/// of them that keeps to both; every pixel is the mean of the file's, and `reduction` of the picture says so. A
/// JPEG may lack its end marker, and the Huffman tables that all frames of a video share (ITU-T T.81, annex
/// K.3).
///
/// Throws DataError `<name>: <what>` for anything else: an empty, truncated, damaged or animated file, one
/// beyond `limits`, and formats that are not listed.
GrayImage decode_gray(std::span<const std::uint8_t> bytes, std::string_view name,
                      const DecodeLimits& limits = {});

/// The same file in color: the same formats, limits, errors and turning. Gray files give three equal values.
/// Transparent pixels are laid over white a channel at a time.
RgbImage decode_rgb(std::span<const std::uint8_t> bytes, std::string_view name,
                    const DecodeLimits& limits = {});

/// Reads the file and decodes it to gray. Throws DataError also when it cannot be read, e.g. for a directory.
GrayImage read_gray(const std::filesystem::path& path, const DecodeLimits& limits = {});
/// The same in color.
RgbImage read_rgb(const std::filesystem::path& path, const DecodeLimits& limits = {});

}  // namespace mien::image
