#include "mien/reader/face_follower.hpp"

namespace mien::reader {

FaceFollower::FaceFollower(const SmoothingOptions& smoothing, const face::TrackingOptions& tracking)
    : smoothing_(smoothing), tracker_(tracking) {
  (void)ExpressionSmoother(smoothing);  // options out of range are refused here, not at the first face
}

std::vector<FaceFollower::Followed> FaceFollower::update(std::span<FacePrediction> faces, double time) {
  std::vector<face::Face> boxes;
  for (const FacePrediction& face : faces) {
    boxes.push_back({face.x, face.y, face.width, face.height, face.score.value_or(0)});
  }
  const std::vector<std::int64_t> tracks = tracker_.update(boxes, time);
  std::vector<Followed> followed;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    ExpressionSmoother& smoother = smoothers_.try_emplace(tracks[i], smoothing_).first->second;
    const std::span<const float> smooth = smoother.update(faces[i].probabilities, time);
    faces[i].probabilities.assign(smooth.begin(), smooth.end());
    followed.push_back({tracks[i], static_cast<std::size_t>(smoother.shown())});
  }
  std::erase_if(smoothers_, [&](const auto& entry) { return !tracker_.alive(entry.first); });
  return followed;
}

}  // namespace mien::reader
