// What ferpredict finds out about an image.
#pragma once

#include <string>

#include "mien/reader/reading.hpp"

namespace ferpredict {

using mien::reader::FacePrediction;
using mien::reader::Fallback;

struct Prediction : mien::reader::Reading {
  std::string image;     ///< the path as given, "-" for stdin
  std::string error;     ///< why there is no prediction; empty when there is one
  double decode_ms = 0;  ///< reading included
};

}  // namespace ferpredict
