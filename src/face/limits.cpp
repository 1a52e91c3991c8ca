#include "face/limits.hpp"

#include <string>

#include "core/checks.hpp"

namespace mien::face::detail {

void check_search(const image::GrayImage& image, Index min_face, Index max_face) {
  constexpr const char* kDetect = "detect";
  if (min_face < 0 || min_face > kMaxEdge || max_face < 0 || max_face > kMaxEdge) {
    mien::detail::refuse(kDetect, "min_face " + std::to_string(min_face) + " and max_face " +
                                      std::to_string(max_face) + ", expected 0 to " + std::to_string(kMaxEdge));
  }
  const std::string size =
      "an image of " + std::to_string(image.width) + " x " + std::to_string(image.height) + " pixels";
  if (image.width < 0 || image.height < 0 || image.width > kMaxEdge || image.height > kMaxEdge) {
    mien::detail::refuse(kDetect, size + ", expected edges up to " + std::to_string(kMaxEdge));
  }
  if (image.pixels.size() != static_cast<std::size_t>(image.width * image.height)) {
    mien::detail::refuse(kDetect, size + " holds " + std::to_string(image.pixels.size()));
  }
}

}  // namespace mien::face::detail
