#include "mien/face/network_detector.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "face/candidates.hpp"
#include "face/pyramid_search.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/model/graph.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/square_detector.hpp"
#include "support/thread_count_guard.hpp"

using namespace mien::face;
using mien::Index;
using mien::image::GrayImage;
using mien::model::ModelFile;
using mien::test::draw_square;
using mien::test::gray_picture;
using mien::test::square_detector;

namespace {

std::vector<LocatedFace> detect(const GrayImage& picture, const NetworkDetectOptions& options = {}) {
  NetworkDetector detector(square_detector());
  return detector.detect(picture, options);
}

// Whether the face is that square, to a tenth of its edge.
bool is_square(const LocatedFace& face, double left, double top, double edge) {
  const auto near = [&](double a, double b) { return std::abs(a - b) <= 0.1 * edge; };
  bool points = true;
  for (std::size_t i = 0; i < face.points.size(); ++i) {
    const double x = left + edge * (0.5 + double{mien::test::kSquarePoints[2 * i]});
    const double y = top + edge * (0.5 + double{mien::test::kSquarePoints[2 * i + 1]});
    points = points && near(face.points[i].x, x) && near(face.points[i].y, y);
  }
  return points && near(face.x, left) && near(face.y, top) && near(face.x + face.width, left + edge) &&
         near(face.y + face.height, top + edge);
}

LocatedFace box(double x, double y, double edge, double score = 0.9) {
  LocatedFace face{.x = x, .y = y, .width = edge, .height = edge, .score = score, .points = {}};
  face.points.fill({x, y});
  return face;
}

std::vector<LocatedFace> merged(const std::vector<LocatedFace>& faces) {
  std::vector<detail::Candidate> candidates;
  for (const LocatedFace& face : faces) {
    candidates.push_back({face, static_cast<float>(face.score), 0, 0, static_cast<Index>(candidates.size())});
  }
  return detail::merge(candidates);
}

std::string refusal(const GrayImage& picture, const NetworkDetectOptions& options = {}) {
  return mien::test::error_of<mien::ArgumentError>([&] { (void)detect(picture, options); });
}

std::string refusal(const ModelFile& model) {
  return mien::test::error_of<mien::ArgumentError>([&] { NetworkDetector detector(model); });
}

}  // namespace

TEST_CASE("a network's face is found where it is, with its points") {
  GrayImage picture = gray_picture(200, 120);
  draw_square(picture, 90, 50, 28);
  const auto faces = detect(picture);
  REQUIRE(faces.size() == 1);
  CHECK(is_square(faces[0], 90, 50, 28));
  CHECK(faces[0].score > 0.9);
  CHECK(faces[0].score < 1);
  CHECK(detect(gray_picture(200, 120)).empty());
}

TEST_CASE("a network finds faces of every size in one picture, the largest first") {
  GrayImage picture = gray_picture(700, 500);
  draw_square(picture, 30, 30, 28);
  draw_square(picture, 130, 40, 56);
  draw_square(picture, 20, 200, 112);
  draw_square(picture, 350, 150, 224);
  draw_square(picture, 250, 30, 28);
  const auto faces = detect(picture);
  REQUIRE(faces.size() == 5);
  CHECK(is_square(faces[0], 350, 150, 224));
  CHECK(is_square(faces[1], 20, 200, 112));
  CHECK(is_square(faces[2], 130, 40, 56));
  // Of one size: from top to bottom, then from left to right.
  CHECK(is_square(faces[3], 30, 30, 28));
  CHECK(is_square(faces[4], 250, 30, 28));
}

TEST_CASE("a network looks for faces of the sizes it is asked for") {
  GrayImage picture = gray_picture(600, 400);
  draw_square(picture, 30, 30, 28);
  draw_square(picture, 130, 40, 84);
  draw_square(picture, 330, 100, 168);
  const auto larger = detect(picture, {.min_face = 60, .max_face = 0, .min_score = {}});
  REQUIRE(larger.size() == 2);
  CHECK(is_square(larger[1], 130, 40, 84));
  const auto middle = detect(picture, {.min_face = 60, .max_face = 120, .min_score = {}});
  REQUIRE(middle.size() == 1);
  CHECK(is_square(middle[0], 130, 40, 84));
  // Half as large as the network knows: in the picture enlarged.
  GrayImage small = gray_picture(100, 60);
  draw_square(small, 40, 20, 14);
  CHECK(detect(small).empty());
  const auto enlarged = detect(small, {.min_face = 10, .max_face = 0, .min_score = {}});
  REQUIRE(enlarged.size() == 1);
  CHECK(is_square(enlarged[0], 40, 20, 14));
}

TEST_CASE("a face cut by the picture's edge is found, one that is hardly there is not") {
  GrayImage picture = gray_picture(200, 120);
  draw_square(picture, -6, 50, 28);
  draw_square(picture, 150, 98, 28);
  draw_square(picture, 80, -20, 28);
  const auto faces = detect(picture);
  REQUIRE(faces.size() == 2);
  CHECK(std::any_of(faces.begin(), faces.end(), [](const auto& face) { return is_square(face, -6, 50, 28); }));
  CHECK(std::any_of(faces.begin(), faces.end(), [](const auto& face) { return is_square(face, 150, 98, 28); }));
  // A face as large as the picture; the zeros that convolutions have around a picture are dark to this network.
  GrayImage portrait = gray_picture(112, 112);
  draw_square(portrait, 0, 0, 112);
  const auto whole = detect(portrait);
  CHECK(std::any_of(whole.begin(), whole.end(), [](const auto& face) { return is_square(face, 0, 0, 112); }));
}

TEST_CASE("pictures of any size are looked at") {
  for (const auto& [width, height] : {std::pair<Index, Index>{1, 1}, {3, 500}, {16384, 1}, {17, 2}, {0, 0}}) {
    CAPTURE(width, height);
    CHECK(detect(gray_picture(width, height)).empty());
    CHECK(detect(gray_picture(width, height), {.min_face = 1, .max_face = 1, .min_score = {}}).empty());
  }
}

TEST_CASE("a higher score is asked for, or a lower one") {
  GrayImage picture = gray_picture(200, 120);
  draw_square(picture, 30, 50, 28, 255);
  draw_square(picture, 130, 50, 28, 235);
  CHECK(detect(picture).size() == 2);
  CHECK(detect(picture, {.min_face = 0, .max_face = 0, .min_score = 0.9}).size() == 1);
  CHECK(detect(picture, {.min_face = 0, .max_face = 0, .min_score = 1}).empty());
  // Every cell of the picture; but boxes of one face are one.
  const auto all = detect(picture, {.min_face = 0, .max_face = 0, .min_score = 0});
  CHECK(all.size() > 2);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK(all[i] != all[j]);
  }
}

TEST_CASE("what a network finds does not depend on threads, nor on how levels are cut") {
  const mien::test::ThreadCountGuard guard;
  GrayImage picture = gray_picture(500, 300);
  for (Index i = 0; i < 8; ++i) draw_square(picture, 10 + 60 * i, 20 + 30 * i, 28 + i);
  const auto expected = detect(picture, {.min_face = 0, .max_face = 0, .min_score = 0.1});
  REQUIRE(expected.size() >= 8);
  for (const int threads : {1, 2, 5}) {
    mien::set_thread_count(threads);
    CHECK(detect(picture, {.min_face = 0, .max_face = 0, .min_score = 0.1}) == expected);
  }
  const ModelFile model = square_detector();
  const mien::model::Reach reach = mien::model::reach_of(mien::model::plan(model.spec));
  std::array<float, 256> values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 255;
  detail::PyramidSearch search(*model.face_grid, reach, values, mien::infer::Session(model));
  const auto candidates = [&](detail::PartSize size) {
    return search.candidates(picture, {.min_face = 0, .max_face = 0, .min_score = 0.1, .parts = size});
  };
  const auto whole = candidates({.most = 1024, .shared = 1024});
  REQUIRE(whole.size() > 8);
  for (const detail::PartSize size :
       {detail::PartSize{8, 8}, {100, 100}, {264, 264}, {1024, 512}, {1024, 50}}) {
    CAPTURE(size.most, size.shared);
    const auto parts = candidates(size);
    REQUIRE(parts.size() == whole.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      CHECK(parts[i].row == whole[i].row);
      CHECK(parts[i].column == whole[i].column);
      CHECK(parts[i].logit == Approx(whole[i].logit).margin(1e-4));
      CHECK(parts[i].face.x == whole[i].face.x);
      CHECK(parts[i].face.points == whole[i].face.points);
    }
  }
}

TEST_CASE("levels are cut into parts for two threads, and so that none is large; each cell is of one part") {
  const mien::model::FaceGrid grid;
  const mien::model::Reach reach{.before = 55, .after = 63, .period = 16};
  const auto parts_of_first_level = [&](Index width, Index height) {
    const auto levels = detail::plan_pyramid(width, height, grid, 0, 0);
    const auto parts = detail::plan_parts(levels, grid, reach);
    // Cells of each level, counted by the parts they belong to.
    for (std::size_t level = 0; level < levels.size(); ++level) {
      std::map<std::pair<Index, Index>, int> cells;
      for (const detail::LevelPart& part : parts) {
        if (part.level != level) continue;
        CHECK(part.rows.size <= 1024 + 64 + 64);
        CHECK(part.columns.size <= 1024 + 64 + 64);
        for (Index row = part.rows.begin; row < part.rows.end; ++row) {
          for (Index column = part.columns.begin; column < part.columns.end; ++column) {
            ++cells[{part.top + row * grid.stride, part.left + column * grid.stride}];
          }
        }
      }
      for (const auto& [place, times] : cells) REQUIRE(times == 1);
      // All from half a face before the level to half a face behind it.
      CHECK(static_cast<Index>(cells.size()) * grid.stride * grid.stride >=
            (levels[level].width + 20) * (levels[level].height + 20));
    }
    return std::count_if(parts.begin(), parts.end(), [](const auto& part) { return part.level == 0; });
  };
  CHECK(parts_of_first_level(200, 100) == 1);
  CHECK(parts_of_first_level(480, 480) == 1);
  CHECK(parts_of_first_level(640, 480) == 2);
  CHECK(parts_of_first_level(480, 640) == 2);
  CHECK(parts_of_first_level(1920, 1080) == 4);
  CHECK(parts_of_first_level(4000, 3000) == 12);
}

TEST_CASE("boxes of one face become one, those of neighbors stay") {
  // Nearly the same: their mean, weighted, with the score of the strongest.
  const auto doubled = merged({box(10, 10, 40, 0.8), box(14, 10, 40, 0.4), box(10, 10, 40, 0.8)});
  REQUIRE(doubled.size() == 1);
  CHECK(doubled[0].score == 0.8);
  CHECK(doubled[0].x == Approx(10.8));
  CHECK(doubled[0].points[4].x == Approx(10.8));
  CHECK(doubled[0].width == Approx(40));
  // Overlapping by a third: one face, but the weaker box says nothing of its place.
  CHECK(merged({box(10, 10, 40), box(30, 10, 40, 0.5)}) == std::vector{box(10, 10, 40)});
  // One inside of the other, whichever is stronger.
  CHECK(merged({box(10, 10, 100), box(45, 45, 30, 0.5)}) == std::vector{box(10, 10, 100)});
  CHECK(merged({box(45, 45, 30), box(10, 10, 100, 0.5)}) == std::vector{box(45, 45, 30)});
  // A small face in the corner of a large one's box, and faces side by side.
  CHECK(merged({box(10, 10, 100), box(13, 13, 20, 0.5)}).size() == 2);
  CHECK(merged({box(10, 10, 40), box(40, 10, 40, 0.5)}).size() == 2);
  CHECK(merged({}).empty());
}

TEST_CASE("of any number of candidates the strongest are kept") {
  detail::Candidates candidates;
  for (Index i = 0; i < 30000; ++i) {
    candidates.add({box(0, 0, 20), static_cast<float>(i * 7919 % 30000 / 2), 0, i / 100, i % 100});
  }
  const auto kept = candidates.strongest();
  REQUIRE(kept.size() == detail::Candidates::kMost);
  for (std::size_t i = 0; i < kept.size(); ++i) CHECK(kept[i].logit == static_cast<float>(14999 - i / 2));
  CHECK(kept[0].row * 100 + kept[0].column < kept[1].row * 100 + kept[1].column);
}

TEST_CASE("detectors refuse options, pictures and networks that are none of theirs") {
  const GrayImage picture = gray_picture(8, 8);
  CHECK(refusal(picture, {.min_face = -1, .max_face = 0, .min_score = {}}) ==
        "[detect] min_face -1 and max_face 0, expected 0 to 16384");
  CHECK(refusal(picture, {.min_face = 0, .max_face = 0, .min_score = 1.5}) ==
        "[detect] min_score is 1.5, expected 0 to 1");
  CHECK(refusal(picture, {.min_face = 0, .max_face = 0, .min_score = std::nan("")})
            .starts_with("[detect] min_score is "));
  CHECK(refusal({8, 8, {1, 2, 3}}) == "[detect] an image of 8 x 8 pixels holds 3");
  CHECK(refusal({16385, 0, {}}) == "[detect] an image of 16385 x 0 pixels, expected edges up to 16384");

  ModelFile model = square_detector();
  model.face_grid.reset();
  CHECK(refusal(model) == "[detect] squares is not a network that finds faces");
  const std::string only_scale =
      "[detect] squares prepares pictures as wholes or pixels by their place; a network that finds faces may "
      "only scale them";
  model = square_detector();
  model.normalization.per_image = mien::image::PerImage::center;
  CHECK(refusal(model) == only_scale);
  model = square_detector();
  model.normalization.mean = mien::Tensor({64, 64});
  CHECK(refusal(model) == only_scale);
}

TEST_CASE("an output that is not finite is no face, but an error") {
  NetworkDetector good(square_detector());
  for (const std::size_t weight : {0, 2, 4}) {
    ModelFile model = square_detector();
    model.weights[weight].tensor.fill(std::numeric_limits<float>::max());
    GrayImage picture = gray_picture(64, 64);
    draw_square(picture, 0, 0, 64);
    model.normalization.scale = 1;
    NetworkDetector detector(model);
    CHECK_THROWS_AS(detector.detect(picture, {.min_face = 0, .max_face = 0, .min_score = 0}), mien::DataError);
  }
}
