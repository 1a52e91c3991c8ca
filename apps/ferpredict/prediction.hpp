// What ferpredict finds out about an image.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/core/shape.hpp"

namespace ferpredict {

struct FacePrediction {
  mien::Index x = 0, y = 0, width = 0,
              height = 0;            ///< in pixels of the image as its file has it, turned upright
  std::optional<double> score;       ///< the detector's; none for an image taken as a crop
  std::vector<float> probabilities;  ///< one a class, summing to 1

  /// The classes from the most to the least probable; ties in the classes' order.
  std::vector<std::size_t> ranking() const;
};

/// Why an image in which faces were to be looked for was taken as the crop of one after all.
enum class Fallback {
  none,           ///< it was not
  no_face_found,  ///< and the image may well be a crop
  no_cascade,     ///< to look for faces with, and likewise
};

/// "no_face_found", "no_cascade", or nothing.
const char* to_string(Fallback fallback);

struct Prediction {
  std::string image;                  ///< the path as given, "-" for stdin
  std::string error;                  ///< why there is no prediction; empty when there is one
  mien::Index width = 0, height = 0;  ///< of the image, as above
  bool searched = false;              ///< for faces; otherwise the image was taken as the crop of one
  Fallback fallback = Fallback::none;
  std::vector<FacePrediction> faces;  ///< the largest first
  double decode_ms = 0;
  double detect_ms = 0;
  double infer_ms = 0;  ///< cropping and preparation included
};

}  // namespace ferpredict
