// What a network takes for faces, before those of one face become one.
#pragma once

#include <vector>

#include "mien/face/network_detector.hpp"

namespace mien::face::detail {

struct Candidate {
  LocatedFace face;
  float logit = 0;
  Index level = 0, row = 0, column = 0;  ///< its cell
};

/// The strongest of any number.
class Candidates {
 public:
  static constexpr std::size_t kMost = 2000;

  void add(const Candidate& candidate);
  /// At most kMost, the one with the greatest logit first; of equal ones in the order of their cells.
  std::vector<Candidate> strongest();

 private:
  std::vector<Candidate> all_;
};

/// One face for each group of candidates, which are in the order of strongest(): the strongest with those that
/// overlap with it or lie inside of it, or it of them. Box and points are the mean of those that nearly agree
/// with it, weighted by their scores; the score is its own.
std::vector<LocatedFace> merge(const std::vector<Candidate>& candidates);

}  // namespace mien::face::detail
