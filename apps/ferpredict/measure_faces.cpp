#include "measure_faces.hpp"

#include <cstdio>
#include <limits>
#include <numeric>

#include "measure.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "mien/data/face_photos.hpp"
#include "mien/eval/detection.hpp"
#include "mien/face/detector.hpp"

namespace ferpredict {
namespace {

using mien::eval::DetectionOptions;
using mien::eval::DetectionReport;
using mien::eval::PhotoFaces;

// Pixels: smaller faces tell little of an expression, and are asked for only by name.
constexpr double kLeastFace = 20;

std::vector<std::uint32_t> rows_of(const mien::data::FacePhotos& photos, const std::string& usage) {
  if (!usage.empty() && usage != kAllRows) return photos.indices(split_of(usage));
  std::vector<std::uint32_t> rows(photos.photos.size());
  std::iota(rows.begin(), rows.end(), std::uint32_t{0});
  return rows;
}

DetectionReport by_networks(const mien::data::FacePhotos& photos, const std::vector<std::uint32_t>& rows,
                            const FaceModels& files, const Arguments& a, DetectionOptions options) {
  mien::reader::ReaderOptions reader;
  reader.face_model = files.finder;
  reader.point_model = files.closer;
  mien::face::NetworkDetector detector = mien::reader::read_networks(reader);
  options.min_score = a.faces.reader.min_score.value_or(detector.min_score());
  return mien::eval::measure_detector(photos, rows, detector, options);
}

PhotoFaces by_cascade(const mien::data::FacePhoto& photo, const mien::face::CascadeDetector& cascade,
                      const mien::face::DetectOptions& options) {
  constexpr float kUnmarked = std::numeric_limits<float>::quiet_NaN();
  PhotoFaces result{&photo, {}};
  for (const mien::face::Face& face : cascade.detect(photo.image, options)) {
    const auto pixels = [](mien::Index value) { return static_cast<float>(value); };
    mien::eval::FoundFace found{
        {pixels(face.x), pixels(face.y), pixels(face.x + face.width), pixels(face.y + face.height), {}},
        face.score};
    found.marks.points.fill({kUnmarked, kUnmarked});
    result.found.push_back(found);
  }
  return result;
}

DetectionReport by_cascade(const mien::data::FacePhotos& photos, const std::vector<std::uint32_t>& rows,
                           const Arguments& a, DetectionOptions options) {
  const mien::reader::ReaderOptions& reader = a.faces.reader;
  std::filesystem::path file = reader.cascade;
  if (file.empty()) {
    const auto found = mien::face::find_default_cascade();
    if (!found)
      throw mien::reader::NoCascadeError("no cascade to find faces with: apt-get install opencv-data");
    file = *found;
  }
  const auto cascade = mien::face::CascadeDetector::load(file);
  mien::face::DetectOptions detect = reader.detect;
  detect.min_face = static_cast<mien::Index>(options.least_face);
  options.min_score = 0;  // whatever it finds
  std::vector<PhotoFaces> found;
  for (const std::uint32_t row : rows) found.push_back(by_cascade(photos.photos[row], cascade, detect));
  return mien::eval::detection_report(found, options);
}

void print_groups(const DetectionReport& report) {
  for (const mien::eval::DetectionGroup& group : report.groups) {
    std::printf("  %-20s %6lld faces, recall %6.2f %%\n", group.name.c_str(),
                static_cast<long long>(group.faces), 100 * group.recall());
  }
}

}  // namespace

void measure_faces(const Arguments& a) {
  const auto photos = mien::data::open_face_photos(a.face_manifest);
  const std::vector<std::uint32_t> rows = rows_of(photos, a.usage);
  if (rows.empty()) throw mien::DataError(a.face_manifest + ": no " + a.usage + " photos");
  DetectionOptions options;
  const mien::Index least = a.faces.reader.detect.min_face;
  options.least_face = least == 0 ? kLeastFace : static_cast<double>(least);
  const FaceModels files = face_model_files(a.faces);
  const DetectionReport report = files.finder.empty() ? by_cascade(photos, rows, a, options)
                                                      : by_networks(photos, rows, files, a, options);
  const std::string json = mien::to_json(mien::eval::to_json(report), {.pretty = true}) + "\n";
  if (a.format == Format::json) {
    std::fputs(json.c_str(), stdout);
  } else {
    std::printf("%s\n", mien::eval::summary(report).c_str());
    print_groups(report);
  }
  if (!a.report.empty()) mien::write_file_atomically(a.report, json);
}

}  // namespace ferpredict
