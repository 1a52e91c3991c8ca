// How good a face detector is on photos whose faces are marked.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mien/core/json.hpp"
#include "mien/data/face_photos.hpp"
#include "mien/face/network_detector.hpp"

namespace mien::eval {

/// A face that a detector has found.
struct FoundFace {
  data::MarkedFace marks;  ///< points may be unmarked
  double score = 0;
};

/// What a detector finds in a photo. For a whole precision-recall curve, let it find faces of low scores, too.
struct PhotoFaces {
  const data::FacePhoto* photo = nullptr;
  std::vector<FoundFace> found;
};

/// What the detector finds in the photo.
PhotoFaces faces_in(const data::FacePhoto& photo, face::NetworkDetector& detector,
                    const face::NetworkDetectOptions& options = {});

/// What counts as found, and which faces are asked for.
struct DetectionOptions {
  double min_score = 0.5;    ///< what counts as found
  double min_overlap = 0.5;  ///< intersection over union of a box with that of the face it is to be, above 0
  double least_face = 20;    ///< pixels of a marked box's edge; smaller ones are not asked for
  double false_rate = 0.05;  ///< boxes in a photo without faces
};

/// Of marked faces: how many there are, and how many were found.
struct DetectionGroup {
  std::string name;
  Index faces = 0, found = 0;

  double recall() const { return faces == 0 ? 0 : static_cast<double>(found) / static_cast<double>(faces); }
};

/// Boxes that meet no mark in photos with marks are counted apart: they may be of people nobody marked.
struct DetectionReport {
  DetectionOptions options;
  DetectionGroup all;
  std::vector<DetectionGroup> groups;  ///< by set (the photo's folder), size, roll and turn
  Index photos = 0;                    ///< with marked faces
  Index unmatched = 0;                 ///< boxes that meet no mark, in these
  Index empty_photos = 0;              ///< without faces
  Index false_boxes = 0;               ///< in these
  /// Of the faces by falling score, false boxes being those in photos without faces.
  double average_precision = 0;
  /// The least score with which there are at most false_rate boxes in a photo without faces, and the share of
  /// faces found with it; nothing where there is no such photo.
  std::optional<double> score_at_rate, recall_at_rate;
  /// Medians over the faces found: of the mean distance of the marked points, as a share of the distance of the
  /// eyes, and of the boxes' overlap. Nothing where no points are.
  std::optional<double> point_error, overlap;

  double false_per_photo() const;
};

/// Every found face is matched with the marked face it overlaps most, those of the highest scores first, no
/// marked face twice.
DetectionReport detection_report(std::span<const PhotoFaces> photos, const DetectionOptions& options = {});

/// The report on these of the photos; found are faces of least_face pixels on. Throws as the detector does.
DetectionReport measure_detector(const data::FacePhotos& photos, std::span<const std::uint32_t> rows,
                                 face::NetworkDetector& detector, const DetectionOptions& options = {});

/// The report as JSON.
Json to_json(const DetectionReport& report);
/// "recall 97.31 % (1204 of 1237), 0.031 false boxes a photo without faces, ..."
std::string summary(const DetectionReport& report);

}  // namespace mien::eval
