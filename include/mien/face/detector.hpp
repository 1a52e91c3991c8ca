// Faces in a photo, found by a boosted cascade of Haar-like features (Viola & Jones 2001; Lienhart & Maydt 2002
// for the tilted ones) as OpenCV trains them and keeps them in XML.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "mien/core/shape.hpp"
#include "mien/image/image.hpp"

namespace mien::face {

/// How a cascade searches.
struct DetectOptions {
  double scale_factor = 1.1;  ///< from one size searched to the next; 1.01 .. 10
  /// Windows that must agree on a face beside the first, 0 .. 1000000: more lose faces, fewer invent them. With
  /// 0 every window that passes is a face.
  int min_neighbors = 3;
  Index min_face = 0;  ///< pixels, for both edges; 0 means the cascade's own window, the least it can see
  Index max_face = 0;  ///< pixels, for both edges; 0 means the image
};

/// In pixels of the image, on which it lies entirely.
struct Face {
  Index x = 0;
  Index y = 0;
  Index width = 0;
  Index height = 0;
  double score = 0;  ///< how many windows agreed on it

  friend bool operator==(const Face& a, const Face& b) = default;
};

namespace detail {
struct Cascade;
}

/// Copies share the cascade. Any number of threads may use one at a time.
class CascadeDetector {
 public:
  /// Reads a file of at most 16 MiB, plain or packed with gzip, such as haarcascade_frontalface_alt2.xml of
  /// Debian's opencv-data: OpenCV's
  /// format since 2.4 (`opencv-cascade-classifier`), stages of kind BOOST, features of kind HAAR, upright and
  /// tilted, trees of up to 31 nodes. The window may have edges of 3 .. 128 pixels.
  /// Throws DataError `<path>:<line>: <what>` for anything else.
  static CascadeDetector load(const std::filesystem::path& path);
  /// As load, from the file's text; `source` is named in messages.
  static CascadeDetector parse(std::string_view xml, std::string_view source);

  /// The least size of a face, in pixels.
  Index window_width() const;
  Index window_height() const;

  /// The faces, largest area first, then from top to bottom and from left to right; none for an image smaller
  /// than the window. Sizes searched are the window's times scale_factor^n. When none of them lies within
  /// min_face .. max_face, the one nearest to min_face is searched. The result depends neither on the number of
  /// threads nor on the instruction set, and is that of OpenCV 4.6's detectMultiScale.
  /// Throws ArgumentError for options out of range, for an image whose `pixels` do not match its size, and for
  /// edges above 16384.
  std::vector<Face> detect(const image::GrayImage& image, const DetectOptions& options = {}) const;

 private:
  explicit CascadeDetector(std::shared_ptr<const detail::Cascade> cascade);

  std::shared_ptr<const detail::Cascade> cascade_;
};

/// The file that the environment variable MIEN_CASCADE names, whether it exists or not; otherwise
/// haarcascade_frontalface_alt2.xml or else haarcascade_frontalface_default.xml where OpenCV's packages put
/// them; nothing when there is none.
std::optional<std::filesystem::path> find_default_cascade();

}  // namespace mien::face
