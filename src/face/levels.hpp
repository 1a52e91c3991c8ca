// The sizes of face that are searched: for each, the image is shrunk until such a face has the cascade's size.
#pragma once

#include <vector>

#include "mien/core/shape.hpp"
#include "mien/face/detector.hpp"

namespace mien::face::detail {

struct Extent {
  Index width = 0;
  Index height = 0;
};

struct Level {
  float scale = 1;              ///< pixels of the image to one of the level
  Extent size;                  ///< of the shrunk image
  Extent face;                  ///< of what is found, in pixels of the image
  Index step = 1;               ///< from one window to the next, in pixels of the level
  Index columns = 0, rows = 0;  ///< of windows
};

/// The levels of an image, the least shrunk first; none when it is smaller than the window.
std::vector<Level> plan_levels(Extent image, Extent window, const DetectOptions& options);

}  // namespace mien::face::detail
