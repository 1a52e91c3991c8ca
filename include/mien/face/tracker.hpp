// Which face of a video's frame is which face of the frames before.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mien/face/detector.hpp"

namespace mien::face {

/// When two boxes are taken for the same face.
struct TrackingOptions {
  /// Intersection over union of a face with a track's last box that is too little to be the same face, 0 .. 1.
  double min_overlap = 0.3;
  /// Seconds, 0 .. 3600, that a track outlives its last detection. It can always be matched in the next update.
  double keep = 0.5;
};

/// Gives every face a number that stays with it. Pairs of a face and a track are matched greedily, the best
/// overlap first; of equal ones that of the older track, then of the face given first. A face without a track
/// begins one. Numbers count from 1 and are never given twice.
class FaceTracker {
 public:
  /// Throws ArgumentError for options out of their range.
  explicit FaceTracker(const TrackingOptions& options = {});

  /// The track of each face seen at `time` (seconds from any start). Throws ArgumentError, and changes nothing,
  /// for a time that is not finite or not after the last, and for a face without an area.
  std::vector<std::int64_t> update(std::span<const Face> faces, double time);

  /// Whether `track` was seen in the last update or may still be matched in one: what belongs to a track can be
  /// dropped once this is false, for it stays so.
  bool alive(std::int64_t track) const;

 private:
  struct Track {
    std::int64_t number = 0;
    Face box;
    double seen = 0;
  };
  void check(std::span<const Face> faces, double time) const;
  std::vector<std::int64_t> match(std::span<const Face> faces) const;

  TrackingOptions options_;
  double time_;
  std::int64_t next_ = 1;
  std::vector<Track> tracks_;  // by number
};

}  // namespace mien::face
