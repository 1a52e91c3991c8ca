// The faces of a video from frame to frame: which one is which, and what each shows, steadied over time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "mien/face/tracker.hpp"
#include "mien/reader/reading.hpp"
#include "mien/reader/smoothing.hpp"

namespace mien::reader {

/// A face::FaceTracker and an ExpressionSmoother for each face that it follows.
class FaceFollower {
 public:
  /// Throws ArgumentError for options out of their range.
  explicit FaceFollower(const SmoothingOptions& smoothing = {}, const face::TrackingOptions& tracking = {});

  /// What is known of a face from earlier frames.
  struct Followed {
    std::int64_t track = 0;      ///< a number that stays with the face, from 1 on
    std::size_t expression = 0;  ///< the class to show, which is not always the most probable one
  };
  /// One for each face of the frame at `time` (seconds from any start), in their order; the faces'
  /// probabilities become their averages over time. Throws what FaceTracker::update and
  /// ExpressionSmoother::update throw: a time has to be after the last.
  std::vector<Followed> update(std::span<FacePrediction> faces, double time);

 private:
  SmoothingOptions smoothing_;
  face::FaceTracker tracker_;
  std::map<std::int64_t, ExpressionSmoother> smoothers_;  // by track
};

}  // namespace mien::reader
