#include "mien/eval/detection.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "core/stable_sort.hpp"
#include "mien/core/text.hpp"

namespace mien::eval {
namespace {

using data::FacePoint;
using data::MarkedFace;
using data::PhotoPoint;

double overlap_of(const MarkedFace& a, const MarkedFace& b) {
  const double width = double{std::min(a.right, b.right)} - double{std::max(a.left, b.left)};
  const double height = double{std::min(a.bottom, b.bottom)} - double{std::max(a.top, b.top)};
  if (width <= 0 || height <= 0) return 0;
  const auto area = [](const MarkedFace& f) {
    return (double{f.right} - double{f.left}) * (double{f.bottom} - double{f.top});
  };
  return width * height / (area(a) + area(b) - width * height);
}

PhotoPoint point(const MarkedFace& face, FacePoint which) {
  return face.points[static_cast<std::size_t>(which)];
}
double distance(PhotoPoint a, PhotoPoint b) {
  return std::hypot(double{a.x} - double{b.x}, double{a.y} - double{b.y});
}
double eyes_distance(const MarkedFace& face) {
  return distance(point(face, FacePoint::left_eye), point(face, FacePoint::right_eye));
}

// The mouth's middle stands for its corners where only that is marked.
std::optional<double> point_error(const MarkedFace& marked, const MarkedFace& found) {
  const double eyes = eyes_distance(marked);
  if (!(eyes > 0)) return std::nullopt;
  const bool middle =
      point(marked, FacePoint::mouth_left).marked() && !point(marked, FacePoint::mouth_right).marked();
  double sum = 0;
  int count = 0;
  for (std::size_t i = 0; i < marked.points.size(); ++i) {
    PhotoPoint at = found.points[i];
    if (middle && i == static_cast<std::size_t>(FacePoint::mouth_left)) {
      const PhotoPoint other = point(found, FacePoint::mouth_right);
      at = {(at.x + other.x) / 2, (at.y + other.y) / 2};
    }
    if (!marked.points[i].marked() || !at.marked()) continue;
    sum += distance(marked.points[i], at);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count / eyes;
}

face::FacePose pose_of(const MarkedFace& face) {
  face::FacePoints points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] = {double{face.points[i].x}, double{face.points[i].y}};
  }
  return face::pose_of(points);
}

template <std::size_t N>
std::string range_name(const char* what, const std::array<double, N>& bounds, double value) {
  std::size_t i = 0;
  while (i < N && value >= bounds[i]) ++i;
  const std::string name = what;
  if (i == 0) return name + " below " + format_number(bounds[0]);
  if (i == N) return name + " from " + format_number(bounds[N - 1]);
  return name + " " + format_number(bounds[i - 1]) + " to " + format_number(bounds[i]);
}

std::vector<std::string> groups_of(const data::FacePhoto& photo, const MarkedFace& face) {
  std::vector<std::string> names;
  const std::size_t slash = photo.name.rfind('/');
  names.push_back("set " + (slash == photo.name.npos ? std::string(".") : photo.name.substr(0, slash)));
  names.push_back(range_name("size", std::array{30.0, 40.0, 60.0, 80.0}, double{face.edge()}));
  if (eyes_distance(face) > 0) {
    names.push_back(range_name("roll", std::array{8.0, 15.0, 25.0}, std::fabs(pose_of(face).roll)));
    if (point(face, FacePoint::nose).marked()) {
      names.push_back(range_name("turn", std::array{0.1, 0.2, 0.35}, std::fabs(pose_of(face).turn)));
    }
  }
  return names;
}

// A found face of some photo, and what it was matched with.
struct Match {
  double score = 0;
  const data::FacePhoto* photo = nullptr;
  const FoundFace* found = nullptr;
  const MarkedFace* marked = nullptr;
  bool asked = true;  // whether the marked face is large enough
};

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

class Matcher {
 public:
  explicit Matcher(const DetectionOptions& options) : options_(options) { report_.options = options; }

  void add(const PhotoFaces& photo) {
    const std::vector<MarkedFace>& faces = photo.photo->faces;
    (faces.empty() ? report_.empty_photos : report_.photos) += 1;
    for (const MarkedFace& face : faces) {
      if (asks(face)) ++report_.all.faces;
    }
    std::vector<const FoundFace*> found;
    for (const FoundFace& face : photo.found) found.push_back(&face);
    mien::detail::stable_sort(found,
                              [](const FoundFace* a, const FoundFace* b) { return a->score > b->score; });
    std::vector<bool> taken(faces.size());
    for (const FoundFace* face : found) matches_.push_back(match(*photo.photo, *face, taken));
    for (std::size_t i = 0; i < faces.size(); ++i) count_groups(*photo.photo, faces[i]);
  }

  DetectionReport take() {
    mien::detail::stable_sort(matches_, [](const Match& a, const Match& b) { return a.score > b.score; });
    const auto empty = static_cast<double>(report_.empty_photos);
    double right = 0, wrong = 0;
    std::vector<double> errors, overlaps;
    for (const Match& match : matches_) {
      const bool counts = match.score >= options_.min_score;
      if (match.marked == nullptr) {
        const bool is_false = match.photo->faces.empty();
        if (is_false) ++wrong;
        if (counts) (is_false ? report_.false_boxes : report_.unmatched) += 1;
        continue;
      }
      if (!match.asked) continue;
      ++right;
      report_.average_precision += right / (right + wrong) / static_cast<double>(report_.all.faces);
      if (report_.empty_photos > 0 && wrong <= options_.false_rate * empty) {
        report_.score_at_rate = match.score;
        report_.recall_at_rate = right / static_cast<double>(report_.all.faces);
      }
      if (!counts) continue;
      ++report_.all.found;
      for (const std::string& name : groups_of(*match.photo, *match.marked)) ++groups_[name].found;
      overlaps.push_back(overlap_of(*match.marked, match.found->marks));
      if (const auto error = point_error(*match.marked, match.found->marks)) errors.push_back(*error);
    }
    if (!errors.empty()) report_.point_error = median(errors);
    if (!overlaps.empty()) report_.overlap = median(overlaps);
    report_.all.name = "all";
    for (auto& [name, group] : groups_) {
      group.name = name;
      report_.groups.push_back(group);
    }
    return report_;
  }

 private:
  bool asks(const MarkedFace& face) const { return double{face.edge()} >= options_.least_face; }

  void count_groups(const data::FacePhoto& photo, const MarkedFace& face) {
    if (!asks(face)) return;
    for (const std::string& name : groups_of(photo, face)) ++groups_[name].faces;
  }

  Match match(const data::FacePhoto& photo, const FoundFace& found, std::vector<bool>& taken) const {
    Match result{found.score, &photo, &found, nullptr, true};
    double most = options_.min_overlap;
    std::size_t best = taken.size();
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const double overlap = overlap_of(photo.faces[i], found.marks);
      if (taken[i] || overlap < most) continue;
      most = overlap;
      best = i;
    }
    if (best == taken.size()) return result;
    taken[best] = true;
    result.marked = &photo.faces[best];
    result.asked = asks(*result.marked);
    return result;
  }

  DetectionOptions options_;
  DetectionReport report_;
  std::vector<Match> matches_;
  std::map<std::string, DetectionGroup> groups_;
};

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json to_json(const DetectionGroup& group) {
  Json json;
  json.set("name", group.name)
      .set("faces", group.faces)
      .set("found", group.found)
      .set("recall", group.recall());
  return json;
}

}  // namespace

double DetectionReport::false_per_photo() const {
  return empty_photos == 0 ? 0 : static_cast<double>(false_boxes) / static_cast<double>(empty_photos);
}

PhotoFaces faces_in(const data::FacePhoto& photo, face::NetworkDetector& detector,
                    const face::NetworkDetectOptions& options) {
  PhotoFaces result{&photo, {}};
  for (const face::LocatedFace& face : detector.detect(photo.image, options)) {
    const auto pixels = [](double value) { return static_cast<float>(value); };
    FoundFace found{
        {pixels(face.x), pixels(face.y), pixels(face.x + face.width), pixels(face.y + face.height), {}},
        face.score};
    for (std::size_t i = 0; i < face.points.size(); ++i) {
      found.marks.points[i] = {pixels(face.points[i].x), pixels(face.points[i].y)};
    }
    result.found.push_back(found);
  }
  return result;
}

DetectionReport detection_report(std::span<const PhotoFaces> photos, const DetectionOptions& options) {
  Matcher matcher(options);
  for (const PhotoFaces& photo : photos) matcher.add(photo);
  return matcher.take();
}

DetectionReport measure_detector(const data::FacePhotos& photos, std::span<const std::uint32_t> rows,
                                 face::NetworkDetector& detector, const DetectionOptions& options) {
  // What is less sure does not move the figures.
  constexpr double kLeastScore = 0.05;
  std::vector<PhotoFaces> found;
  for (const std::uint32_t row : rows) {
    found.push_back(faces_in(photos.photos[row], detector,
                             {.min_face = static_cast<Index>(options.least_face),
                              .min_score = std::min(kLeastScore, options.min_score)}));
  }
  return detection_report(found, options);
}

Json to_json(const DetectionReport& r) {
  Json groups{Json::Array{}};
  for (const DetectionGroup& group : r.groups) groups.append(to_json(group));
  Json json;
  json.set("schema", 1).set("min_score", r.options.min_score).set("min_overlap", r.options.min_overlap);
  json.set("least_face", r.options.least_face).set("photos", r.photos).set("faces", r.all.faces);
  json.set("found", r.all.found).set("recall", r.all.recall()).set("unmatched", r.unmatched);
  json.set("photos_without_faces", r.empty_photos).set("false_boxes", r.false_boxes);
  json.set("false_boxes_per_photo", r.false_per_photo()).set("average_precision", r.average_precision);
  json.set("false_rate", r.options.false_rate).set("score_at_false_rate", number_or_null(r.score_at_rate));
  json.set("recall_at_false_rate", number_or_null(r.recall_at_rate));
  json.set("point_error", number_or_null(r.point_error)).set("overlap", number_or_null(r.overlap));
  json.set("groups", std::move(groups));
  return json;
}

std::string summary(const DetectionReport& r) {
  const auto percent = [](double share) { return format_fixed(100 * share, 2) + " %"; };
  std::string text = "recall " + percent(r.all.recall()) + " (" + std::to_string(r.all.found) + " of " +
                     std::to_string(r.all.faces) + ")";
  if (r.empty_photos > 0)
    text += ", " + format_fixed(r.false_per_photo(), 3) + " false boxes a photo without faces";
  if (r.recall_at_rate) {
    text += ", " + percent(*r.recall_at_rate) + " at " + format_number(r.options.false_rate) + " (score " +
            format_fixed(*r.score_at_rate, 3) + ")";
  }
  text += ", average precision " + format_fixed(r.average_precision, 4);
  if (r.point_error) text += ", points off by " + percent(*r.point_error) + " of the eyes' distance";
  return text;
}

}  // namespace mien::eval
