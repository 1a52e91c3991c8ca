// Photos with marked faces, as files and in memory.
#pragma once

#include <filesystem>
#include <limits>
#include <string>

#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "mien/data/face_photos.hpp"

namespace mien::test {

inline constexpr data::PhotoPoint kNotMarked = {std::numeric_limits<float>::quiet_NaN(),
                                                std::numeric_limits<float>::quiet_NaN()};
inline constexpr std::array<data::PhotoPoint, data::kFacePoints> kNoPoints = {
    kNotMarked, kNotMarked, kNotMarked, kNotMarked, kNotMarked};

inline image::GrayImage gray_photo(Index width, Index height, std::uint8_t level = 128) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height), level)};
}

/// Folders are made where they are missing.
inline void write_pgm(const std::filesystem::path& path, const image::GrayImage& image) {
  std::filesystem::create_directories(path.parent_path());
  std::string bytes = "P5\n" + std::to_string(image.width) + " " + std::to_string(image.height) + "\n255\n";
  bytes.append(image.pixels.begin(), image.pixels.end());
  write_file_atomically(path, bytes);
}

/// Without its end.
inline std::string manifest_line(const std::string& name, const image::GrayImage& image,
                                 const data::MarkedFace& face) {
  std::string line = name;
  for (const Index edge : {image.width, image.height}) line += "\t" + std::to_string(edge);
  for (const float side : {face.left, face.top, face.right, face.bottom})
    line += "\t" + format_number(double{side});
  for (const data::PhotoPoint& point : face.points) {
    for (const float at : {point.x, point.y})
      line += "\t" + (point.marked() ? format_number(double{at}) : std::string("-"));
  }
  return line;
}

}  // namespace mien::test
