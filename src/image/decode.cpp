#include "mien/image/decode.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "image/formats.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"

namespace mien::image {

void check_picture_size(std::string_view name, Index width, Index height, const DecodeLimits& limits) {
  const std::string size = std::to_string(width) + "x" + std::to_string(height) + " pixels";
  if (width < 1 || height < 1) detail::fail(name, "image of " + size);
  if (width > limits.max_edge || height > limits.max_edge) {
    detail::fail(
        name, "image of " + size + ", at most " + std::to_string(limits.max_edge) + " along an edge are read");
  }
  if (width > limits.max_pixels / height) {
    detail::fail(name,
                 "image of " + size + ", at most " + std::to_string(limits.max_pixels) + " in all are read");
  }
}

namespace detail {

std::uint8_t* put_over_white(std::uint8_t* to, Index channels, const std::uint8_t* p, int stored) {
  switch (stored) {
    case 1:
      return put_gray(to, channels, p[0]);
    case 2:
      return put_gray(to, channels, over_white(p[0], p[1]));
    case 3:
      return put_color(to, channels, p[0], p[1], p[2]);
    default:
      if (channels == 1) return put_gray(to, 1, over_white(luma(p[0], p[1], p[2]), p[3]));
      return put_color(to, 3, over_white(p[0], p[3]), over_white(p[1], p[3]), over_white(p[2], p[3]));
  }
}

}  // namespace detail

namespace {

using detail::Bytes;

bool has(Bytes bytes, std::size_t at, std::string_view text) {
  return bytes.size() >= at + text.size() &&
         std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char c, std::uint8_t b) { return static_cast<std::uint8_t>(c) == b; });
}

/// What the file is, for the message that it cannot be read.
std::string_view name_of_unsupported(Bytes bytes) {
  struct Signature {
    std::size_t at;
    std::string_view text;
    std::string_view format;
  };
  static constexpr std::array<Signature, 12> kSignatures = {{
      {8, "WEBP", "WebP"},
      {4, "ftypavif", "AVIF"},
      {4, "ftyphei", "HEIC"},
      {4, "ftypmif1", "HEIC"},
      {0, "II*", "TIFF"},
      {0, "MM", "TIFF"},
      {0, "8BPS", "Photoshop"},
      {0, "P1", "PBM"},
      {0, "P4", "PBM"},
      {0, "P7", "PAM"},
      {0, "%PDF", "PDF"},
      {0, "<svg", "SVG"},
  }};
  for (const Signature& s : kSignatures) {
    if (has(bytes, s.at, s.text)) return s.format;
  }
  return "";
}

detail::Raster decode(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels) {
  if (bytes.empty()) detail::fail(name, "empty file");
  if (bytes.size() > limits.max_file_bytes) {
    detail::fail(name, "file of " + std::to_string(bytes.size()) + " bytes, at most " +
                           std::to_string(limits.max_file_bytes) + " are read");
  }
  if (has(bytes, 0, "\x89PNG")) return detail::decode_png(bytes, name, limits, channels);
  if (has(bytes, 0, "\xff\xd8")) return detail::decode_jpeg(bytes, name, limits, channels);
  if (has(bytes, 0, "GIF8")) return detail::decode_gif(bytes, name, limits, channels);
#if defined(MIEN_WEBP)
  if (has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP")) return detail::decode_webp(bytes, name, limits, channels);
#endif
  if (has(bytes, 0, "BM")) return detail::decode_bmp(bytes, name, limits, channels);
  for (const std::string_view magic : {"P2", "P3", "P5", "P6"}) {
    if (has(bytes, 0, magic)) return detail::decode_pnm(bytes, name, limits, channels);
  }
  const std::string_view format = name_of_unsupported(bytes);
  detail::fail(name, (format.empty() ? std::string("not an image") : std::string(format) + " image") + "; " +
                         readable_formats() + " are read");
}

}  // namespace

std::string readable_formats() {
#if defined(MIEN_WEBP)
  return "PNG, JPEG, GIF, WebP, BMP, PGM and PPM";
#else
  return "PNG, JPEG, GIF, BMP, PGM and PPM";
#endif
}

bool is_image_name(const std::filesystem::path& path) {
  static constexpr auto kEndings = std::to_array<std::string_view>({
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif",
#if defined(MIEN_WEBP)
        ".webp",
#endif
        ".bmp", ".pgm", ".ppm", ".pnm"
  });
  const std::string ending = lower(path.extension().string());
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

GrayImage decode_gray(std::span<const std::uint8_t> bytes, std::string_view name, const DecodeLimits& limits) {
  detail::Raster raster = decode(bytes, name, limits, 1);
  return {raster.width, raster.height, std::move(raster.pixels), raster.reduction};
}

RgbImage decode_rgb(std::span<const std::uint8_t> bytes, std::string_view name, const DecodeLimits& limits) {
  detail::Raster raster = decode(bytes, name, limits, 3);
  return {raster.width, raster.height, std::move(raster.pixels), raster.reduction};
}

GrayImage read_gray(const std::filesystem::path& path, const DecodeLimits& limits) {
  const std::string bytes = read_regular_file(path, limits.max_file_bytes);
  return decode_gray({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, path.string(),
                     limits);
}

RgbImage read_rgb(const std::filesystem::path& path, const DecodeLimits& limits) {
  const std::string bytes = read_regular_file(path, limits.max_file_bytes);
  return decode_rgb({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, path.string(), limits);
}

}  // namespace mien::image
