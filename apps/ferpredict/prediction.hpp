// What ferpredict finds out about an image.
#pragma once

#include <string>
#include <vector>

#include "mien/core/shape.hpp"

namespace ferpredict {

struct Prediction {
  std::string image;                  ///< the path as given, "-" for stdin
  std::string error;                  ///< why there is no prediction; empty when there is one
  mien::Index width = 0, height = 0;  ///< of the image
  std::vector<float> probabilities;   ///< one a class, summing to 1
  double decode_ms = 0;
  double infer_ms = 0;  ///< preparation included

  /// The classes from the most to the least probable; ties in the classes' order.
  std::vector<std::size_t> ranking() const;
};

}  // namespace ferpredict
