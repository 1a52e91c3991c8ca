#include "face/candidates.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "face/overlap.hpp"

namespace mien::face::detail {
namespace {

// Intersection over union from which on two boxes are of one face, and from which on they agree so well that
// their mean is better than either.
constexpr double kSameFace = 0.3;
constexpr double kAgreeing = 0.5;
// A box that lies in a larger one by the first share of its area is taken for a part of the same face, not for
// another face in front of it, if their middles are no farther apart than the second share of the larger one's
// edges.
constexpr double kInside = 0.7;
constexpr double kNearMiddle = 0.35;

bool stronger(const Candidate& a, const Candidate& b) {
  if (a.logit != b.logit) return a.logit > b.logit;
  return std::tie(a.level, a.row, a.column) < std::tie(b.level, b.row, b.column);
}

bool nested(const LocatedFace& a, const LocatedFace& b) {
  if (common_area(a, b) <= kInside * std::min(area(a), area(b))) return false;
  const double apart_x = std::abs(a.x + a.width / 2 - b.x - b.width / 2);
  const double apart_y = std::abs(a.y + a.height / 2 - b.y - b.height / 2);
  return apart_x <= kNearMiddle * std::max(a.width, b.width) &&
         apart_y <= kNearMiddle * std::max(a.height, b.height);
}

// A weighted mean of faces.
class Mean {
 public:
  void add(const LocatedFace& face) {
    const double weight = face.score;
    weights_ += weight;
    sum_.x += weight * face.x;
    sum_.y += weight * face.y;
    sum_.width += weight * face.width;
    sum_.height += weight * face.height;
    for (std::size_t i = 0; i < face.points.size(); ++i) {
      sum_.points[i].x += weight * face.points[i].x;
      sum_.points[i].y += weight * face.points[i].y;
    }
  }
  // `face` itself where nothing weighs anything.
  LocatedFace result(const LocatedFace& face) const {
    if (!(weights_ > 0)) return face;
    LocatedFace mean{.x = sum_.x / weights_,
                     .y = sum_.y / weights_,
                     .width = sum_.width / weights_,
                     .height = sum_.height / weights_,
                     .score = face.score,
                     .points = {}};
    for (std::size_t i = 0; i < mean.points.size(); ++i) {
      mean.points[i] = {sum_.points[i].x / weights_, sum_.points[i].y / weights_};
    }
    return mean;
  }

 private:
  LocatedFace sum_ = {};
  double weights_ = 0;
};

}  // namespace

void Candidates::add(const Candidate& candidate) {
  all_.push_back(candidate);
  if (all_.size() < 4 * kMost) return;
  std::nth_element(all_.begin(), all_.begin() + kMost, all_.end(), stronger);
  all_.resize(kMost);
}

std::vector<Candidate> Candidates::strongest() {
  std::sort(all_.begin(), all_.end(), stronger);
  if (all_.size() > kMost) all_.resize(kMost);
  return std::move(all_);
}

std::vector<LocatedFace> merge(const std::vector<Candidate>& candidates) {
  std::vector<bool> taken(candidates.size(), false);
  std::vector<LocatedFace> faces;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (taken[i]) continue;
    const LocatedFace& leader = candidates[i].face;
    Mean mean;
    mean.add(leader);
    for (std::size_t j = i + 1; j < candidates.size(); ++j) {
      const LocatedFace& other = candidates[j].face;
      if (taken[j]) continue;
      const double common = overlap(leader, other);
      if (common <= kSameFace && !nested(leader, other)) continue;
      taken[j] = true;
      if (common >= kAgreeing) mean.add(other);
    }
    faces.push_back(mean.result(leader));
  }
  return faces;
}

}  // namespace mien::face::detail
