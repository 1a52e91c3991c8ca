#include <algorithm>
#include <deque>

#include "mien/eval/detection.hpp"
#include "support/catch.hpp"
#include "support/face_photos.hpp"
#include "support/square_detector.hpp"

namespace {

using namespace mien::test;
using mien::data::FacePhoto;
using mien::data::MarkedFace;
using mien::eval::detection_report;
using mien::eval::DetectionGroup;
using mien::eval::DetectionOptions;
using mien::eval::DetectionReport;
using mien::eval::FoundFace;
using mien::eval::PhotoFaces;

MarkedFace box(float left, float top, float edge) {
  return {left, top, left + edge, top + edge, kNoPoints};
}

// Upright, the eyes 20 pixels apart around (x, y).
MarkedFace with_points(float x, float y) {
  MarkedFace face = box(x - 20, y - 15, 40);
  face.points = {{{x - 10, y}, {x + 10, y}, {x, y + 10}, {x - 8, y + 20}, {x + 8, y + 20}}};
  return face;
}

// Photos and what is found in them.
struct Album {
  std::deque<FacePhoto> photos;  // which stay where they are
  std::vector<PhotoFaces> found;

  void add(const std::vector<MarkedFace>& faces, const std::vector<FoundFace>& boxes,
           const std::string& name = "a/b.png") {
    photos.push_back({name, {}, faces, {}});
    found.push_back({&photos.back(), boxes});
  }
  DetectionReport report(const DetectionOptions& options = {}) const {
    return detection_report(found, options);
  }
};

const DetectionGroup& group(const DetectionReport& report, const std::string& name) {
  const auto it = std::find_if(report.groups.begin(), report.groups.end(),
                               [&](const DetectionGroup& g) { return g.name == name; });
  INFO(name);
  REQUIRE(it != report.groups.end());
  return *it;
}

}  // namespace

TEST_CASE("a found face is the marked one it overlaps most, of enough, and no face is found twice") {
  Album album;
  // Shifted by a third of its edge a box has half of the area of both together in common.
  album.add({box(0, 0, 60), box(100, 0, 60)},
            {{box(101, 0, 60), 0.9}, {box(102, 0, 60), 0.8}, {box(0, 19, 60), 0.7}, {box(0, 0, 20), 0.6}});
  const DetectionReport report = album.report();
  CHECK(report.photos == 1);
  CHECK(report.all.faces == 2);
  CHECK(report.all.found == 2);
  CHECK(report.all.recall() == 1);
  CHECK(report.unmatched == 2);  // the second of one face, and one too small
  CHECK(report.empty_photos == 0);
  CHECK(report.false_boxes == 0);
  CHECK(report.false_per_photo() == 0);
  CHECK_FALSE(report.recall_at_rate.has_value());

  Album off;
  off.add({box(0, 0, 60)}, {{box(0, 21, 60), 0.9}});
  CHECK(off.report().all.found == 0);
  CHECK(off.report({.min_overlap = 0.4}).all.found == 1);
  CHECK(*off.report({.min_overlap = 0.4}).overlap == Approx(39.0 / 81));

  // Both overlap both; the one of the higher score takes what it overlaps most.
  Album two;
  two.add({box(0, 0, 60), box(10, 0, 60)}, {{box(6, 0, 60), 0.8}, {box(9, 0, 60), 0.9}});
  CHECK(two.report().all.found == 2);
  CHECK(two.report().unmatched == 0);
}

TEST_CASE("what is below the least score is not found, and small faces are not asked for") {
  Album album;
  album.add({box(0, 0, 60), box(100, 0, 19)}, {{box(0, 0, 60), 0.4}, {box(100, 0, 19), 0.9}});
  const DetectionReport report = album.report();
  CHECK(report.all.faces == 1);
  CHECK(report.all.found == 0);
  CHECK(report.unmatched == 0);  // the small one is a face
  CHECK_FALSE(report.overlap.has_value());
  CHECK(album.report({.min_score = 0.4}).all.found == 1);
  CHECK(album.report({.min_score = 0.4, .least_face = 19}).all.found == 2);
  CHECK(album.report({.min_score = 0.4, .least_face = 19}).all.faces == 2);
}

TEST_CASE("precision and recall are those of an example done by hand") {
  Album album;
  // By falling score: right, false, right, right, false, and one face that is not found.
  album.add({box(0, 0, 60), box(100, 0, 60)}, {{box(0, 0, 60), 0.9}, {box(100, 0, 60), 0.7}});
  album.add({}, {{box(5, 5, 30), 0.8}, {box(50, 5, 30), 0.3}});
  album.add({box(0, 0, 60), box(100, 0, 60)}, {{box(0, 0, 60), 0.6}, {box(300, 0, 60), 0.95}});
  album.add({}, {});
  const DetectionReport report = album.report({.false_rate = 0.5});
  CHECK(report.photos == 2);
  CHECK(report.empty_photos == 2);
  CHECK(report.all.faces == 4);
  CHECK(report.all.found == 3);
  CHECK(report.false_boxes == 1);
  CHECK(report.false_per_photo() == 0.5);
  CHECK(report.unmatched == 1);  // may be somebody nobody marked, and is no false one
  CHECK(report.average_precision == Approx((1.0 + 2.0 / 3 + 3.0 / 4) / 4));
  // One false box in two photos is allowed, which is all there are above 0.3.
  CHECK(*report.score_at_rate == 0.6);
  CHECK(*report.recall_at_rate == 0.75);
  const DetectionReport strict = album.report({.false_rate = 0.05});
  CHECK(*strict.score_at_rate == 0.9);
  CHECK(*strict.recall_at_rate == 0.25);
  CHECK(strict.average_precision == report.average_precision);

  Album nothing;
  nothing.add({}, {{box(0, 0, 30), 0.9}});
  CHECK(nothing.report().average_precision == 0);
  CHECK(nothing.report().all.recall() == 0);
}

TEST_CASE("faces are told apart by set, size, roll and turn") {
  MarkedFace upright = with_points(40, 40), rolled = with_points(40, 40), turned = with_points(40, 40);
  rolled.points[1].y += 7.28f;  // 20 degrees
  turned.points[2].x += 5;      // a quarter of the eyes' distance
  MarkedFace large = box(0, 0, 80);
  Album album;
  album.add({upright}, {{upright, 0.9}}, "sun/a.png");
  album.add({rolled}, {{rolled, 0.9}}, "sun/b.png");
  album.add({turned}, {}, "lfw/x/c.png");
  album.add({large, box(200, 0, 15)}, {{large, 0.9}}, "d.png");
  const DetectionReport report = album.report();
  struct Expected {
    const char* name;
    mien::Index faces, found;
  };
  std::vector<std::string> names;
  for (const DetectionGroup& g : report.groups) names.push_back(g.name);
  std::vector<std::string> expected;
  for (const Expected& e :
       {Expected{"set sun", 2, 2}, Expected{"set lfw/x", 1, 0}, Expected{"set .", 1, 1},
        Expected{"size 40 to 60", 3, 2}, Expected{"size from 80", 1, 1}, Expected{"roll below 8", 2, 1},
        Expected{"roll 15 to 25", 1, 1}, Expected{"turn below 0.1", 1, 1}, Expected{"turn 0.1 to 0.2", 1, 1},
        Expected{"turn 0.2 to 0.35", 1, 0}}) {
    INFO(e.name);
    CHECK(group(report, e.name).faces == e.faces);
    CHECK(group(report, e.name).found == e.found);
    expected.emplace_back(e.name);
  }
  std::sort(expected.begin(), expected.end());
  CHECK(names == expected);
}

TEST_CASE("points are off by shares of the distance of the eyes, in the median") {
  const MarkedFace marked = with_points(40, 40);
  const auto moved = [&](float by) {
    MarkedFace face = marked;
    for (auto& point : face.points) point.x += by;
    return FoundFace{face, 0.9};
  };
  Album album;
  for (const float by : {1.0f, 2.0f, 8.0f}) album.add({marked}, {moved(by)});
  CHECK(*album.report().point_error == Approx(0.1));

  // One of five points off by 4 of 20 pixels.
  Album one;
  FoundFace found{marked, 0.9};
  found.marks.points[2].y += 4;
  one.add({marked}, {found});
  CHECK(*one.report().point_error == Approx(0.04));

  // The corners' middle is where the mouth's is; the corners themselves are not compared.
  MarkedFace middle = marked;
  middle.points[3] = {40, 61};
  middle.points[4] = kNotMarked;
  Album mouth;
  mouth.add({middle}, {{marked, 0.9}});
  CHECK(*mouth.report().point_error == Approx(1.0 / 4 / 20));

  // Without both eyes there is no distance to compare with.
  MarkedFace one_eye = marked;
  one_eye.points[0] = kNotMarked;
  Album eyes;
  eyes.add({one_eye}, {{marked, 0.9}});
  CHECK(eyes.report().all.found == 1);
  CHECK_FALSE(eyes.report().point_error.has_value());
}

TEST_CASE("a detector is measured on photos") {
  mien::data::FacePhotos photos;
  const auto add = [&](const std::vector<std::uint8_t>& levels) {
    FacePhoto photo{"a/" + std::to_string(photos.photos.size()) + ".png", gray_picture(300, 120), {}, {}};
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const auto left = static_cast<mien::Index>(30 + 90 * i);
      draw_square(photo.image, left, 40, 28, levels[i]);
      photo.faces.push_back(box(static_cast<float>(left), 40, 28));
    }
    photos.photos.push_back(photo);
  };
  add({255, 255});
  add({});
  add({255, 225});
  draw_square(photos.photos[1].image, 100, 40, 28, 255);
  const std::vector<std::uint32_t> all = {0, 1, 2}, some = {0};
  mien::face::NetworkDetector detector(square_detector());
  DetectionReport report = mien::eval::measure_detector(photos, all, detector);
  CHECK(report.options.min_score == 0.5);
  CHECK(report.all.faces == 4);
  CHECK(report.all.found == 3);  // the darker one gets less
  CHECK(report.false_boxes == 1);
  CHECK(report.average_precision == Approx(25.0 / 28));  // which looks at lower scores, too
  report = mien::eval::measure_detector(photos, all, detector, {.min_score = 0.1});
  CHECK(report.options.min_score == 0.1);
  CHECK(report.all.found == 4);
  report = mien::eval::measure_detector(photos, some, detector);
  CHECK(report.all.faces == 2);
  CHECK(report.empty_photos == 0);

  const mien::Json json = mien::eval::to_json(report);
  CHECK(json.at("schema").as_integer() == 1);
  CHECK(json.at("recall").as_number() == 1);
  CHECK(json.at("recall_at_false_rate").is_null());
  CHECK(json.at("groups").as_array().size() == report.groups.size());
}

TEST_CASE("a report in one line says what there is to say") {
  Album album;
  album.add({with_points(40, 40), box(200, 0, 60)}, {{with_points(41, 40), 0.9}});
  CHECK(mien::eval::summary(album.report()) ==
        "recall 50.00 % (1 of 2), average precision 0.5000, points off by 5.00 % of the eyes' distance");
  album.add({}, {{box(0, 0, 40), 0.6}});
  CHECK(mien::eval::summary(album.report()) ==
        "recall 50.00 % (1 of 2), 1.000 false boxes a photo without faces, 50.00 % at 0.05 (score 0.900), "
        "average "
        "precision 0.5000, points off by 5.00 % of the eyes' distance");
}
