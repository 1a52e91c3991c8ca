#include "mien/face/tracker.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "core/checks.hpp"
#include "core/stable_sort.hpp"
#include "face/overlap.hpp"

namespace mien::face {
namespace {

constexpr std::string_view kWhere = "tracker";  // in messages
constexpr double kMaxKeep = 3600;
constexpr std::int64_t kNoTrack = 0;

struct Pair {
  double overlap;
  std::size_t track;
  std::size_t face;
};

}  // namespace

FaceTracker::FaceTracker(const TrackingOptions& options)
    : options_(options), time_(-std::numeric_limits<double>::infinity()) {
  mien::detail::check_range(kWhere, "min_overlap", options.min_overlap, 1);
  mien::detail::check_range(kWhere, "keep", options.keep, kMaxKeep);
}

void FaceTracker::check(std::span<const Face> faces, double time) const {
  mien::detail::check_finite_time(kWhere, time);
  mien::detail::check_after(kWhere, time, time_);
  for (const Face& face : faces) {
    if (face.width > 0 && face.height > 0) continue;
    mien::detail::refuse(
        kWhere, "a face of " + std::to_string(face.width) + " x " + std::to_string(face.height) + " pixels");
  }
}

// The number for every face; kNoTrack for those that fit to no track.
std::vector<std::int64_t> FaceTracker::match(std::span<const Face> faces) const {
  std::vector<Pair> pairs;
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    for (std::size_t f = 0; f < faces.size(); ++f) {
      const double common = detail::overlap(tracks_[t].box, faces[f]);
      if (common > options_.min_overlap) pairs.push_back({common, t, f});
    }
  }
  // Stable, so that equal overlaps stay by track and then by face.
  mien::detail::stable_sort(pairs, [](const Pair& a, const Pair& b) { return a.overlap > b.overlap; });
  std::vector<std::int64_t> numbers(faces.size(), kNoTrack);
  std::vector<bool> taken(tracks_.size(), false);
  for (const Pair& pair : pairs) {
    if (taken[pair.track] || numbers[pair.face] != kNoTrack) continue;
    taken[pair.track] = true;
    numbers[pair.face] = tracks_[pair.track].number;
  }
  return numbers;
}

std::vector<std::int64_t> FaceTracker::update(std::span<const Face> faces, double time) {
  check(faces, time);
  const double before = time_;
  time_ = time;
  // Those of the last frame count, however long ago that was.
  std::erase_if(tracks_,
                [&](const Track& track) { return track.seen < before && time - track.seen > options_.keep; });
  std::vector<std::int64_t> numbers = match(faces);
  for (std::size_t f = 0; f < faces.size(); ++f) {
    if (numbers[f] == kNoTrack) {
      numbers[f] = next_++;
      tracks_.push_back({numbers[f], faces[f], time});
      continue;
    }
    const auto track = std::lower_bound(tracks_.begin(), tracks_.end(), numbers[f],
                                        [](const Track& t, std::int64_t number) { return t.number < number; });
    track->box = faces[f];
    track->seen = time;
  }
  return numbers;
}

bool FaceTracker::alive(std::int64_t track) const {
  return std::any_of(tracks_.begin(), tracks_.end(), [&](const Track& t) { return t.number == track; });
}

}  // namespace mien::face
