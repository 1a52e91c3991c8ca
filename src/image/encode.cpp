// The only place that compiles stb_image_write.
#include <cstdlib>
#include <memory>
#include <new>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/image/jpeg.hpp"
#include "mien/image/png.hpp"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace mien::image {
namespace {

constexpr Index kMaxEdge = 16384;

struct Free {
  void operator()(unsigned char* bytes) const { std::free(bytes); }
};

void check(const char* format, Index width, Index height, int channels, bool channels_fit,
           std::span<const std::uint8_t> pixels) {
  if (channels_fit && width >= 1 && width <= kMaxEdge && height >= 1 && height <= kMaxEdge &&
      static_cast<Index>(pixels.size()) == width * height * channels) {
    return;
  }
  throw ArgumentError("[" + std::string(format) + "] " + std::to_string(width) + "x" + std::to_string(height) +
                      " pixels of " + std::to_string(channels) + " channels, given " +
                      std::to_string(pixels.size()) + " values");
}

void append(void* text, void* bytes, int count) {
  static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
}

}  // namespace

std::string encode_png(Index width, Index height, int channels, std::span<const std::uint8_t> pixels) {
  check("png", width, height, channels, channels >= 1 && channels <= 4, pixels);
  int size = 0;
  const std::unique_ptr<unsigned char, Free> bytes(stbi_write_png_to_mem(
      pixels.data(), 0, static_cast<int>(width), static_cast<int>(height), channels, &size));
  if (bytes == nullptr) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size)};
}

void write_png(const std::filesystem::path& path, Index width, Index height, int channels,
               std::span<const std::uint8_t> pixels) {
  write_file_atomically(path, encode_png(width, height, channels, pixels));
}

std::string encode_jpeg(Index width, Index height, int channels, std::span<const std::uint8_t> pixels,
                        int quality) {
  check("jpeg", width, height, channels, channels == 1 || channels == 3, pixels);
  if (quality < 1 || quality > 100) {
    throw ArgumentError("[jpeg] quality " + std::to_string(quality) + ", expected 1 to 100");
  }
  std::string bytes;
  if (stbi_write_jpg_to_func(append, &bytes, static_cast<int>(width), static_cast<int>(height), channels,
                             pixels.data(), quality) == 0) {
    throw std::bad_alloc();
  }
  return bytes;
}

void write_jpeg(const std::filesystem::path& path, Index width, Index height, int channels,
                std::span<const std::uint8_t> pixels, int quality) {
  write_file_atomically(path, encode_jpeg(width, height, channels, pixels, quality));
}

}  // namespace mien::image
