// For builds without OpenCV's cascades: a browser has no files of theirs, and networks find faces.
#include <string>

#include "mien/core/error.hpp"
#include "mien/face/detector.hpp"

namespace mien::face {

CascadeDetector CascadeDetector::load(const std::filesystem::path& path) {
  return parse({}, path.string());
}

CascadeDetector CascadeDetector::parse(std::string_view, std::string_view source) {
  throw DataError(std::string(source) + ": this build reads no cascades");
}

// There are none of this class, so these are never called.
Index CascadeDetector::window_width() const {
  return 0;
}
Index CascadeDetector::window_height() const {
  return 0;
}
std::vector<Face> CascadeDetector::detect(const image::GrayImage&, const DetectOptions&) const {
  return {};
}

std::optional<std::filesystem::path> find_default_cascade() {
  return std::nullopt;
}

}  // namespace mien::face
