// What is read in a picture: where its faces are, and which expression each shows.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "mien/core/shape.hpp"
#include "mien/face/located_face.hpp"

namespace mien::reader {

/// A face, and what is read in it.
struct FacePrediction {
  Index x = 0, y = 0, width = 0, height = 0;  ///< in pixels of the picture as its file has it, turned upright
  /// How many windows of a cascade agreed, or the probability that a network gives; none for a picture taken
  /// as a crop.
  std::optional<double> score;
  std::vector<float> probabilities;  ///< one a class, in the order of the model's labels, summing to 1
  std::optional<face::FacePoints> points = {};  ///< where a network found them; in pixels as above
  std::optional<face::FacePose> pose = {};      ///< what follows from these

  /// The classes from the most to the least probable; ties in the classes' order.
  std::vector<std::size_t> ranking() const;
};

/// Why a picture in which faces were to be looked for was taken as the crop of one after all.
enum class Fallback {
  none,           ///< it was not
  no_face_found,  ///< and the picture may well be a crop
  no_cascade,     ///< to look for faces with, and likewise
};

/// "no_face_found", "no_cascade", or nothing.
const char* to_string(Fallback fallback);

/// What was read in one picture.
struct Reading {
  Index width = 0, height = 0;  ///< of the picture, as above
  bool searched = false;        ///< for faces; otherwise the picture was taken as the crop of one
  bool by_network = false;      ///< where faces were searched for: by a network, not by a cascade
  Fallback fallback = Fallback::none;
  std::vector<FacePrediction> faces;  ///< the largest first
  double detect_ms = 0;               ///< what finding them took, in milliseconds
  double infer_ms = 0;                ///< what reading them took, cropping and preparation included
};

}  // namespace mien::reader
