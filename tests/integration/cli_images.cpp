#include "cli_images.hpp"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image_write.h>
#pragma GCC diagnostic pop

namespace mien::test {
namespace {

constexpr int kEdge = 48;

void append(void* text, void* bytes, int count) {
  static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
}

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

}  // namespace

std::string encoded(std::string_view extension, const std::vector<std::uint8_t>& pixels) {
  std::string bytes;
  if (extension == "png") stbi_write_png_to_func(append, &bytes, kEdge, kEdge, 1, pixels.data(), kEdge);
  if (extension == "jpg") stbi_write_jpg_to_func(append, &bytes, kEdge, kEdge, 1, pixels.data(), 100);
  if (extension == "bmp") stbi_write_bmp_to_func(append, &bytes, kEdge, kEdge, 1, pixels.data());
  if (extension == "pgm") {
    bytes = "P5\n48 48\n255\n";
    bytes.append(pixels.begin(), pixels.end());
  }
  if (extension == "ppm") {
    bytes = "P6\n48 48\n255\n";
    for (const std::uint8_t pixel : pixels) bytes.append(3, static_cast<char>(pixel));
  }
  if (bytes.empty()) throw std::runtime_error("cannot write " + std::string(extension));
  return bytes;
}

std::string png_bomb(std::uint32_t width, std::uint32_t height) {
  const auto chunk = [](const std::string& type, const std::string& data) {
    std::uint32_t crc = ~0u;
    for (const char c : type + data) {
      crc ^= static_cast<std::uint8_t>(c);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    }
    return big_endian(static_cast<std::uint32_t>(data.size())) + type + data + big_endian(~crc);
  };
  const std::string header = big_endian(width) + big_endian(height) + std::string("\x08\x00\x00\x00\x00", 5);
  return std::string("\x89PNG\r\n\x1a\n", 8) + chunk("IHDR", header) +
         chunk("IDAT", std::string("\x78\x9c\x03\x00\x00\x00\x00\x01", 8)) + chunk("IEND", "");
}

}  // namespace mien::test
