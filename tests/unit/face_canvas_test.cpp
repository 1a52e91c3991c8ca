#include "mien/data/face_canvas.hpp"

#include <algorithm>
#include <cmath>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/face_photos.hpp"
#include "support/thread_count_guard.hpp"

namespace {

using namespace mien::test;
using mien::Index;
using mien::RandomPurpose;
using mien::RandomStream;
using mien::data::CanvasFace;
using mien::data::CanvasOptions;
using mien::data::FaceCanvas;
using mien::data::FacePhoto;
using mien::data::kFacePoints;
using mien::data::MarkedFace;
using mien::data::PhotoPoint;

constexpr float kEdge = 80;
constexpr std::array<PhotoPoint, kFacePoints> kPlaces = {
    {{-16, -12}, {16, -12}, {0, 4}, {-12, 16}, {12, 16}}};  // from the middle of the face
constexpr std::array<std::uint8_t, kFacePoints> kLevels = {250, 220, 190, 160, 235};

void fill(mien::image::GrayImage& image, const MarkedFace& box, std::uint8_t level) {
  for (auto y = static_cast<Index>(box.top); y < static_cast<Index>(box.bottom); ++y) {
    for (auto x = static_cast<Index>(box.left); x < static_cast<Index>(box.right); ++x) {
      image.pixels[static_cast<std::size_t>(y * image.width + x)] = level;
    }
  }
}

MarkedFace square(float left, float top, float edge) {
  return {left, top, left + edge, top + edge, kNoPoints};
}

FacePhoto without_faces(std::uint8_t level) {
  return {"rooms/a.png", gray_photo(400, 400, level), {}, {}};
}

// In the middle of it a face with a spot of its own level at every point.
FacePhoto with_spots(std::uint8_t ground = 40) {
  FacePhoto photo{"a/a.png", gray_photo(300, 300, ground), {square(110, 110, kEdge)}, {}};
  for (std::size_t i = 0; i < kFacePoints; ++i) {
    PhotoPoint& point = photo.faces[0].points[i];
    point = {150 + kPlaces[i].x, 150 + kPlaces[i].y};
    fill(photo.image, square(point.x - 7, point.y - 7, 14), kLevels[i]);
  }
  return photo;
}

// Faces are of one level all over.
FacePhoto with_faces(const std::vector<MarkedFace>& faces, const std::vector<std::uint8_t>& levels) {
  FacePhoto photo{"a/a.png", gray_photo(400, 400, 40), faces, {}};
  for (std::size_t i = 0; i < faces.size(); ++i) fill(photo.image, faces[i], levels[i]);
  return photo;
}

// Upright and as they are.
CanvasOptions still() {
  CanvasOptions options;
  options.mirror = options.rotate = options.stretch = options.cover = 0;
  return options;
}

FaceCanvas canvas_of(const std::array<const FacePhoto*, 4>& photos, const CanvasOptions& options,
                     std::uint64_t id = 0) {
  return mien::data::make_canvas(photos, options, RandomStream(7, RandomPurpose::augmentation, id));
}
FaceCanvas canvas_of(const FacePhoto& photo, const CanvasOptions& options, std::uint64_t id = 0) {
  return canvas_of({&photo, &photo, &photo, &photo}, options, id);
}

int level_at(const FaceCanvas& canvas, PhotoPoint place) {
  const auto row = static_cast<Index>(place.y), column = static_cast<Index>(place.x);
  return canvas.pixels[static_cast<std::size_t>(row * canvas.edge + column)];
}

Index count_of(const FaceCanvas& canvas, std::uint8_t level) {
  return std::count(canvas.pixels.begin(), canvas.pixels.end(), level);
}

}  // namespace

TEST_CASE("marks land where their pixels land, mirrored, turned and scaled") {
  const FacePhoto photo = with_spots();
  for (const float mirror : {0.0f, 1.0f}) {
    CanvasOptions options;
    options.mirror = mirror;
    options.cover = 0;
    // Who looks out of a mirror has the spot of the right eye on the left.
    std::array<std::uint8_t, kFacePoints> levels = kLevels;
    if (mirror == 1) {
      std::swap(levels[0], levels[1]);
      std::swap(levels[3], levels[4]);
    }
    double most_turned = 0, least_edge = 1000, most_edge = 0;
    int little_turned = 0, faces = 0;
    for (std::uint64_t id = 0; id < 100; ++id) {
      const FaceCanvas canvas = canvas_of(photo, options, id);
      REQUIRE(canvas.faces.size() == 4);
      for (const CanvasFace& face : canvas.faces) {
        INFO("mirror " << mirror << ", canvas " << id);
        CHECK(face.clear);
        const auto& p = face.marks.points;
        for (std::size_t i = 0; i < kFacePoints; ++i) {
          CAPTURE(i, p[i].x, p[i].y);
          REQUIRE(std::abs(level_at(canvas, p[i]) - levels[i]) <= 1);
        }
        CHECK(p[0].x < p[1].x);
        const double turned = std::abs(std::atan2(p[1].y - p[0].y, p[1].x - p[0].x)) * 180 / 3.14159265;
        most_turned = std::max(most_turned, turned);
        little_turned += turned <= 10 ? 1 : 0;
        ++faces;
        const MarkedFace& m = face.marks;
        least_edge = std::min(least_edge, double{m.edge()});
        most_edge = std::max(most_edge, double{m.edge()});
        CHECK(m.right - m.left == Approx(m.bottom - m.top).margin(1e-3));
        // The nose is a twentieth of the edge below the middle.
        const PhotoPoint middle = m.middle();
        CHECK(std::hypot(p[2].x - middle.x, p[2].y - middle.y) == Approx(0.05 * m.edge()).epsilon(0.1));
      }
    }
    CHECK(most_turned > 37);
    CHECK(most_turned <= 40.01);
    CHECK(little_turned == Approx(0.625 * faces).margin(0.08 * faces));
    CHECK((least_edge >= 19.99 && least_edge < 20.5));
    CHECK((most_edge <= 40.01 && most_edge > 39));
  }
}

TEST_CASE("a canvas of one photo shows a face near its middle, most of the time") {
  const FacePhoto photo = with_spots();
  const FacePhoto* one[] = {&photo};
  CanvasOptions options;
  options.edge = 48;
  options.least = 26;
  options.mirror = options.cover = 0;
  int farther = 0;
  float most = 0, most_near = 0;
  for (std::uint64_t id = 0; id < 600; ++id) {
    const FaceCanvas canvas =
        mien::data::make_canvas(one, options, RandomStream(7, RandomPurpose::augmentation, id));
    REQUIRE(canvas.edge == 48);
    REQUIRE(canvas.faces.size() == 1);
    const MarkedFace& m = canvas.faces[0].marks;
    const float off = std::max(std::abs(m.middle().x - 24), std::abs(m.middle().y - 24)) / m.edge();
    most = std::max(most, off);
    if (off > 0.1201f) ++farther;
    if (off <= 0.1201f) most_near = std::max(most_near, off);
    for (std::size_t i = 0; i < kFacePoints; ++i) {
      const PhotoPoint p = m.points[i];
      if (p.x < 0 || p.y < 0 || p.x >= 48 || p.y >= 48) continue;
      REQUIRE(std::abs(level_at(canvas, p) - kLevels[i]) <= 1);
    }
  }
  CHECK(most_near > 0.11f);
  CHECK(most > 0.7f);
  CHECK(most <= 0.7501f);
  // Of a sixth, those that are farther off along any axis.
  CHECK(farther == Approx(600 / 6.0 * (1 - 0.16 * 0.16)).margin(30));
}

TEST_CASE("half of the canvases' parts are mirrored, and points that are not marked stay so") {
  FacePhoto photo = with_spots();
  photo.faces[0].points[1] = kNotMarked;  // the right eye
  photo.faces[0].points[4] = kNotMarked;  // the mouth's middle is marked
  int mirrored = 0;
  for (std::uint64_t id = 0; id < 50; ++id) {
    for (const CanvasFace& face : canvas_of(photo, {}, id).faces) {
      const auto& p = face.marks.points;
      CHECK(p[0].marked() != p[1].marked());
      mirrored += p[1].marked() ? 1 : 0;
      CHECK((p[2].marked() && p[3].marked()));
      CHECK_FALSE(p[4].marked());
    }
  }
  CHECK(mirrored > 70);
  CHECK(mirrored < 130);
}

TEST_CASE("a canvas depends on its stream alone, and streams differ") {
  const FacePhoto photo = with_spots(), room = without_faces(90);
  CanvasOptions options;
  options.pixels = {.brightness = 0.2f, .contrast = 0.2f, .blur = 1, .noise = 10};
  constexpr std::size_t kCount = 12;
  const auto all = [&](int threads) {
    mien::set_thread_count(threads);
    std::vector<FaceCanvas> canvases(kCount);
    mien::parallel_for(kCount, [&](Index i) {
      canvases[static_cast<std::size_t>(i)] =
          canvas_of({&photo, &room, &photo, &room}, options, static_cast<std::uint64_t>(i));
    });
    return canvases;
  };
  const ThreadCountGuard guard;
  const std::vector<FaceCanvas> expected = all(1);
  for (const int threads : {1, 3}) {
    const std::vector<FaceCanvas> canvases = all(threads);
    for (std::size_t i = 0; i < kCount; ++i) {
      CHECK(canvases[i].pixels == expected[i].pixels);
      CHECK(canvases[i].known == expected[i].known);
      CHECK(canvases[i].faces.size() == expected[i].faces.size());
      CHECK((i == 0 || canvases[i].pixels != canvases[i - 1].pixels));
    }
  }
}

TEST_CASE("the parts of a canvas change one by one, in the same way whatever the compiler") {
  const FacePhoto gray = without_faces(128);
  CanvasOptions options;
  options.pixels.brightness = 0.5f;
  const FaceCanvas canvas = canvas_of(gray, options);
  const float far = static_cast<float>(canvas.edge) - 1;
  CHECK(level_at(canvas, {0, 0}) == 43);
  CHECK(level_at(canvas, {far, 0}) == 69);
  CHECK(level_at(canvas, {0, far}) == 119);
  CHECK(level_at(canvas, {far, far}) == 50);
}

// Where the person's own shoulders are, and a little around.
bool is_below(const MarkedFace& face, Index x, Index y) {
  const auto mean = [&](std::size_t a, std::size_t b) {
    return PhotoPoint{(face.points[a].x + face.points[b].x) / 2, (face.points[a].y + face.points[b].y) / 2};
  };
  const PhotoPoint eyes = mean(0, 1), mouth = mean(3, 4), middle = face.middle();
  const float length = std::hypot(mouth.x - eyes.x, mouth.y - eyes.y), far = 1.6f * face.edge() / length;
  const float off_x = static_cast<float>(x) - (middle.x + far * (mouth.x - eyes.x));
  const float off_y = static_cast<float>(y) - (middle.y + far * (mouth.y - eyes.y));
  return std::max(std::abs(off_x), std::abs(off_y)) < 1.3f * face.edge();
}

TEST_CASE("some parts of a canvas come too close to a face for it to be one") {
  const FacePhoto photo = with_spots(60);
  CanvasOptions options;
  options.close = 1;
  std::size_t faces = 0;
  for (std::uint64_t id = 0; id < 20; ++id) faces += canvas_of(photo, options, id).faces.size();
  CHECK(faces == 0);
  options.close = 0;
  CHECK(canvas_of(photo, options, 0).faces.size() == 4);
  options.close = 1.5f;
  CHECK(error_of<mien::ArgumentError>([&] { (void)canvas_of(photo, options, 0); }) ==
        "[canvas] close must be in [0, 1]");
}

TEST_CASE("where nobody may have marked a face is told part by part") {
  const std::array<std::uint8_t, 4> levels = {40, 60, 80, 100};
  std::array<FacePhoto, 4> photos;
  std::array<const FacePhoto*, 4> pointers;
  for (std::size_t i = 0; i < photos.size(); ++i) pointers[i] = &(photos[i] = with_spots(levels[i]));
  Index unknown = 0, beyond_border = 0;
  for (std::uint64_t id = 0; id < 30; ++id) {
    const FaceCanvas canvas = canvas_of(pointers, {}, id);
    REQUIRE(canvas.faces.size() == 4);
    const auto distance = [&](std::size_t i, Index x, Index y) {
      const MarkedFace& face = canvas.faces[i].marks;
      const PhotoPoint middle = face.middle();
      return std::max(std::abs(static_cast<float>(x) + 0.5f - middle.x),
                      std::abs(static_cast<float>(y) + 0.5f - middle.y)) /
             face.edge();
    };
    for (Index y = 0; y < canvas.edge; ++y) {
      for (Index x = 0; x < canvas.edge; ++x) {
        const auto at = static_cast<std::size_t>(y * canvas.edge + x);
        const auto owner = std::find(levels.begin(), levels.end(), canvas.pixels[at]) - levels.begin();
        const auto same = [&](Index to) {
          return canvas.pixels[static_cast<std::size_t>(to)] == canvas.pixels[at];
        };
        const bool border = x == 0 || y == 0 || x + 1 == canvas.edge || y + 1 == canvas.edge;
        // Between what is photo and what is not pixels are mixed.
        if (owner == 4 || border) continue;
        const auto place = static_cast<Index>(at);
        if (!same(place - 1) || !same(place + 1) || !same(place - canvas.edge) || !same(place + canvas.edge))
          continue;
        const float share = distance(static_cast<std::size_t>(owner), x, y);
        if (std::abs(share - 1.25f) < 0.05f) continue;
        if (share > 1.25f && is_below(canvas.faces[static_cast<std::size_t>(owner)].marks, x, y)) continue;
        INFO("canvas " << id << ", pixel " << x << ", " << y);
        REQUIRE(int{canvas.known[at]} == (share < 1.25f ? 1 : 0));
        unknown += canvas.known[at] == 0 ? 1 : 0;
        for (std::size_t i = 0; i < 4; ++i) beyond_border += share > 1.3f && distance(i, x, y) < 1.2f ? 1 : 0;
      }
    }
  }
  CHECK(unknown > 1000);
  CHECK(beyond_border > 100);

  const FacePhoto room = without_faces(90);
  for (std::uint64_t id = 0; id < 10; ++id) {
    const FaceCanvas canvas = canvas_of(room, {}, id);
    CHECK(canvas.faces.empty());
    CHECK(std::count(canvas.known.begin(), canvas.known.end(), 1) == canvas.edge * canvas.edge);
  }
  // Where there is no photo there is nobody, and the canvas is gray.
  FacePhoto small = with_faces({square(10, 10, 30)}, {200});
  small.image = gray_photo(50, 50, 40);
  const FaceCanvas canvas = canvas_of(small, still());
  for (std::size_t i = 0; i < canvas.pixels.size(); ++i) {
    if (canvas.pixels[i] == 128) REQUIRE(canvas.known[i] == 1);
  }
  CHECK(count_of(canvas, 128) > 1000);
}

TEST_CASE("a face that is cut or too small is not asked about") {
  // The first or the second is placed, beside it the other is cut or not; the third stays too small.
  const FacePhoto photo =
      with_faces({square(100, 160, kEdge), square(182, 160, kEdge), square(176, 140, 8)}, {200, 240, 220});
  const FacePhoto room = without_faces(90);
  int clear = 0, cut = 0, small = 0;
  for (std::uint64_t id = 0; id < 200; ++id) {
    const FaceCanvas canvas = canvas_of({&photo, &room, &room, &room}, still(), id);
    std::vector<const CanvasFace*> sized;
    for (const CanvasFace& face : canvas.faces) {
      if (face.marks.edge() > 10) {
        sized.push_back(&face);
      } else {
        CHECK_FALSE(face.clear);
        ++small;
      }
    }
    REQUIRE_FALSE(sized.empty());
    std::array<std::uint8_t, 2> levels = {200, 240};
    if (sized.size() == 1 && count_of(canvas, 240) > count_of(canvas, 200)) levels[0] = 240;
    for (std::size_t i = 0; i < sized.size(); ++i) {
      const double edge = double{sized[i]->marks.edge()};
      // But for pixels at the borders, which are of mixed levels.
      const double seen = static_cast<double>(count_of(canvas, levels[i])) / (edge * edge);
      INFO("canvas " << id << ", level " << int{levels[i]} << ": " << seen << " is seen");
      if (seen >= 0.7) CHECK(sized[i]->clear);
      if (seen < 0.7 - 4 / edge) CHECK_FALSE(sized[i]->clear);
      (sized[i]->clear ? clear : cut) += 1;
    }
  }
  CHECK(clear > 200);
  CHECK(cut > 20);
  CHECK(small > 20);
}

TEST_CASE("a face far too large is none, and one is not enlarged more than twice") {
  const FacePhoto both = with_faces({square(40, 40, 300), square(250, 250, kEdge)}, {200, 240});
  bool beyond = false;
  for (std::uint64_t id = 0; id < 100; ++id) {
    for (const CanvasFace& face : canvas_of(both, still(), id).faces) {
      const float edge = face.marks.edge();
      CHECK(edge <= 50);
      CHECK(face.clear == (edge >= 20 && edge <= 40));
      beyond = beyond || edge > 40;
    }
  }
  CHECK_FALSE(beyond);
  const FacePhoto small = with_faces({square(100, 100, 12)}, {200});
  float most = 0;
  for (std::uint64_t id = 0; id < 100; ++id) {
    for (const CanvasFace& face : canvas_of(small, still(), id).faces) most = std::max(most, face.marks.edge());
  }
  CHECK(most > 23);
  CHECK(most <= 24.01f);
}

TEST_CASE("a part of a face is covered, a third of it at most") {
  const FacePhoto photo = with_faces({square(160, 160, kEdge)}, {200}), room = without_faces(90);
  const auto share = [&](float cover, std::uint64_t id) {
    CanvasOptions options = still();
    options.cover = cover;
    const FaceCanvas canvas = canvas_of({&photo, &room, &room, &room}, options, id);
    const double edge = double{canvas.faces.at(0).marks.edge()};
    return static_cast<double>(count_of(canvas, 200)) / (edge * edge);
  };
  double open = 0, covered = 0, least = 1;
  constexpr int kCount = 100;
  for (std::uint64_t id = 0; id < kCount; ++id) {
    const double now = share(1, id);
    open += share(0, id) / kCount;
    covered += now / kCount;
    least = std::min(least, now);
  }
  CHECK(covered == Approx(open * (1 - 0.215)).margin(0.03));
  CHECK(least > 0.4);
}

TEST_CASE("canvas options that make no sense are refused") {
  const FacePhoto room = without_faces(90);
  const auto refusal = [&](auto change) {
    CanvasOptions options;
    change(options);
    return error_of<mien::ArgumentError>([&] { canvas_of(room, options); });
  };
  CHECK(refusal([](auto& o) { o.edge = 160; }) == "no error");
  CHECK(refusal([](auto& o) { o.edge = 31; }) == "[canvas] an edge of 31, expected 32 to 1024");
  CHECK(refusal([](auto& o) { o.edge = 1025; }) == "[canvas] an edge of 1025, expected 32 to 1024");
  CHECK(refusal([](auto& o) { o.least = 41; }) == "[canvas] faces of 41 to 40 pixels");
  CHECK(refusal([](auto& o) { o.least = 3; }) == "[canvas] faces of 3 to 40 pixels");
  CHECK(refusal([](auto& o) { o.most = 161; }) == "[canvas] faces of 20 to 161 pixels");
  CHECK(refusal([](auto& o) { o.least = NAN; }).starts_with("[canvas] faces of "));
  CHECK(refusal([](auto& o) { o.mirror = 1.5f; }) == "[canvas] mirror must be in [0, 1]");
  CHECK(refusal([](auto& o) { o.rotate = 181; }) == "[canvas] rotate must be in [0, 180]");
  CHECK(refusal([](auto& o) { o.off_center = 2; }) == "[canvas] off_center must be in [0, 1]");
  CHECK(refusal([](auto& o) { o.stretch = NAN; }) == "[canvas] stretch must be in [0, 0.5]");
  CHECK(refusal([](auto& o) { o.cover = -1; }) == "[canvas] cover must be in [0, 1]");
  CHECK(refusal([](auto& o) { o.pixels.rotate = 1; }) == "[canvas] places and sizes are the canvas's own");
  CHECK(refusal([](auto& o) { o.pixels.gamma = 3; }).starts_with("[augment] gamma must be in "));
  const FacePhoto* three[] = {&room, &room, &room};
  CHECK(error_of<mien::ArgumentError>([&] {
          mien::data::make_canvas(three, {}, RandomStream(1, RandomPurpose::user, 0));
        }) == "[canvas] expected 1 or 4 photos");
}
