#include <array>
#include <cstdlib>
#include <system_error>

#include "mien/face/detector.hpp"

namespace mien::face {

std::optional<std::filesystem::path> find_default_cascade() {
  if (const char* chosen = std::getenv("MIEN_CASCADE"); chosen != nullptr && *chosen != '\0') return chosen;
  constexpr std::array kNames = {"haarcascade_frontalface_alt2.xml", "haarcascade_frontalface_default.xml"};
  constexpr std::array kFolders = {"/usr/share/opencv4/haarcascades", "/usr/share/opencv/haarcascades",
                                   "/usr/local/share/opencv4/haarcascades",
                                   "/usr/local/share/opencv/haarcascades"};
  for (const char* name : kNames) {
    for (const char* folder : kFolders) {
      std::filesystem::path path = std::filesystem::path(folder) / name;
      std::error_code ignored;
      if (std::filesystem::is_regular_file(path, ignored)) return path;
    }
  }
  return std::nullopt;
}

}  // namespace mien::face
