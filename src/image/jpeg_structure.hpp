// What the markers of a JPEG say, before anything of it is decoded.
#pragma once

#include "image/formats.hpp"

namespace mien::image::detail {

/// What a JPEG's components are, by the rules that libjpeg goes by.
enum class JpegColors : std::uint8_t { gray, ycbcr, rgb, cmyk, ycck };

struct JpegStructure {
  Index width = 0, height = 0;
  JpegColors colors = JpegColors::gray;
  int orientation = 1;        ///< Exif's
  bool lacks_tables = false;  ///< a scan uses Huffman tables that are not there, but that annex K.3 of T.81 has
};

/// Checks what stb_image does not: a file that is whole but for its end marker, tables that fit and are there,
/// a bound on the number of scans and on the size, and no feature that is not supported.
JpegStructure read_jpeg_structure(Bytes bytes, std::string_view name, const DecodeLimits& limits);

[[noreturn]] inline void fail_truncated_jpeg(std::string_view name) {
  fail(name, "truncated JPEG");
}

/// By how much a JPEG has to be reduced to keep to `limits`: 1, 2, 4 or 8. Throws where that is not enough.
Index jpeg_reduction(std::string_view name, Index width, Index height, const DecodeLimits& limits);

struct JpegPlan {
  JpegColors colors = JpegColors::gray;
  Index reduce_by = 1;
};

/// stb_image on a JPEG that has been checked. Turning it the right way up is the caller's.
Raster decode_jpeg_with_stb(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels,
                            const JpegPlan& plan);

}  // namespace mien::image::detail
