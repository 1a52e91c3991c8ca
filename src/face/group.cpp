#include "face/group.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace mien::face::detail {
namespace {

constexpr double kTolerance = 0.2;

bool alike(const Face& a, const Face& b) {
  const Index edges = std::min(a.width, b.width) + std::min(a.height, b.height);
  const double most = kTolerance * static_cast<double>(edges) * 0.5;
  const auto within = [&](Index u, Index v) { return static_cast<double>(std::abs(u - v)) <= most; };
  return within(a.x, b.x) && within(a.y, b.y) && within(a.x + a.width, b.x + b.width) &&
         within(a.y + a.height, b.y + b.height);
}

// Disjoint sets.
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }

  std::size_t root(std::size_t i) {
    while (parent_[i] != i) {
      parent_[i] = parent_[parent_[i]];
      i = parent_[i];
    }
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    const std::size_t roots[] = {root(a), root(b)};
    parent_[std::max(roots[0], roots[1])] = std::min(roots[0], roots[1]);
  }

 private:
  std::vector<std::size_t> parent_;
};

// `sorted` by x, so that few pairs have to be compared.
Groups group_alike(const std::vector<Face>& sorted) {
  Groups groups(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double most = kTolerance * static_cast<double>(sorted[i].width + sorted[i].height) * 0.5;
    for (std::size_t j = i + 1; j < sorted.size(); ++j) {
      if (static_cast<double>(sorted[j].x - sorted[i].x) > most) break;
      if (alike(sorted[i], sorted[j])) groups.join(i, j);
    }
  }
  return groups;
}

// Rounded as OpenCV does: by a factor in single precision, halves to even.
Index mean(Index sum, float reciprocal) {
  return static_cast<Index>(std::lrint(static_cast<double>(static_cast<float>(sum) * reciprocal)));
}

// The mean of every group.
std::vector<Face> means(const std::vector<Face>& sorted, Groups& groups) {
  std::vector<Face> sums(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    Face& sum = sums[groups.root(i)];
    sum.x += sorted[i].x;
    sum.y += sorted[i].y;
    sum.width += sorted[i].width;
    sum.height += sorted[i].height;
    sum.score += 1;
  }
  std::erase_if(sums, [](const Face& sum) { return sum.score == 0; });
  for (Face& sum : sums) {
    const float reciprocal = 1.0f / static_cast<float>(sum.score);
    sum = {mean(sum.x, reciprocal), mean(sum.y, reciprocal), mean(sum.width, reciprocal),
           mean(sum.height, reciprocal), sum.score};
  }
  return sums;
}

// Whether `inner` lies in `outer`, or nearly so, and counts for less.
bool hidden_in(const Face& inner, const Face& outer) {
  const auto dx = static_cast<Index>(std::lrint(static_cast<double>(outer.width) * kTolerance));
  const auto dy = static_cast<Index>(std::lrint(static_cast<double>(outer.height) * kTolerance));
  return inner.x >= outer.x - dx && inner.y >= outer.y - dy &&
         inner.x + inner.width <= outer.x + outer.width + dx &&
         inner.y + inner.height <= outer.y + outer.height + dy &&
         (outer.score > std::max(3.0, inner.score) || inner.score < 3);
}

}  // namespace

std::vector<Face> group_rectangles(const std::vector<Face>& rectangles, int min_neighbors) {
  std::vector<Face> sorted = rectangles;
  for (Face& rectangle : sorted) rectangle.score = 1;
  if (min_neighbors <= 0) return sorted;
  std::sort(sorted.begin(), sorted.end(), [](const Face& a, const Face& b) { return a.x < b.x; });
  Groups groups = group_alike(sorted);
  std::vector<Face> faces = means(sorted, groups);
  std::erase_if(faces, [&](const Face& face) { return face.score <= min_neighbors; });
  std::vector<Face> kept;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto hides = [&](const Face& other) { return &other != &faces[i] && hidden_in(faces[i], other); };
    if (std::none_of(faces.begin(), faces.end(), hides)) kept.push_back(faces[i]);
  }
  return kept;
}

}  // namespace mien::face::detail
