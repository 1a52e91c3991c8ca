// A stream for people: a line when what is shown changes.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ferpredict/output.hpp"
#include "mien/reader/face_follower.hpp"

namespace ferpredict::live {

class FrameText {
 public:
  /// "0:12.34  #1 happy 92 % :-D   #2 sad 71 %", or "no face", with a line break; empty where the same faces
  /// show the same as in the frame before.
  std::string line(double time, const Prediction& prediction,
                   std::span<const mien::reader::FaceFollower::Followed> shown, const OutputContext& context);

 private:
  std::vector<std::pair<std::int64_t, std::size_t>> last_;  // tracks and what they showed
  bool any_ = false;                                        // whether there was a frame
};

}  // namespace ferpredict::live
