#include "mien/face/tracker.hpp"

#include <limits>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "support/catch.hpp"

using namespace mien::face;
using mien::Index;

namespace {

using Numbers = std::vector<std::int64_t>;

Face at(Index x, Index y, Index edge = 100) {
  return {.x = x, .y = y, .width = edge, .height = edge};
}

Numbers update(FaceTracker& tracker, const std::vector<Face>& faces, double time) {
  return tracker.update(faces, time);
}

}  // namespace

TEST_CASE("numbers stay with faces that move, whatever their order") {
  FaceTracker tracker;
  CHECK(update(tracker, {at(0, 200), at(600, 0)}, 0) == Numbers{1, 2});
  for (int frame = 1; frame < 20; ++frame) {
    const Index moved = 15 * frame;
    CHECK(update(tracker, {at(600, moved), at(moved, 200)}, frame / 30.0) == Numbers{2, 1});
  }
}

TEST_CASE("faces that cross keep the number of the box they overlap most") {
  FaceTracker tracker;
  CHECK(update(tracker, {at(0, 0), at(60, 0)}, 0) == Numbers{1, 2});
  CHECK(update(tracker, {at(50, 0), at(10, 0)}, 0.1) == Numbers{2, 1});
  // Both overlap the second track most; the nearer one gets it, the other one what is left.
  CHECK(update(tracker, {at(48, 0), at(40, 0)}, 0.2) == Numbers{2, 1});
}

TEST_CASE("equal overlaps go to the older track and to the face given first") {
  FaceTracker tracker;
  CHECK(update(tracker, {at(0, 0), at(40, 0)}, 0) == Numbers{1, 2});
  CHECK(update(tracker, {at(20, 0)}, 0.1) == Numbers{1});
  FaceTracker other;
  CHECK(update(other, {at(20, 0)}, 0) == Numbers{1});
  CHECK(update(other, {at(40, 0), at(0, 0)}, 0.1) == Numbers{1, 2});
}

TEST_CASE("a face that overlaps too little begins a track") {
  FaceTracker tracker;
  CHECK(update(tracker, {at(0, 0)}, 0) == Numbers{1});
  CHECK(update(tracker, {at(50, 0)}, 0.1) == Numbers{1});   // 50 of 150
  CHECK(update(tracker, {at(105, 0)}, 0.2) == Numbers{2});  // 45 of 155
  CHECK(update(tracker, {at(105, 0, 40)}, 0.3) == Numbers{3});
}

TEST_CASE("a track outlives gaps, but not long ones, and its number is not given again") {
  FaceTracker tracker;
  CHECK(update(tracker, {at(0, 0)}, 10) == Numbers{1});
  CHECK(update(tracker, {}, 10.25).empty());
  CHECK(tracker.alive(1));
  CHECK(update(tracker, {at(5, 5)}, 10.5) == Numbers{1});
  CHECK(update(tracker, {}, 10.9).empty());
  CHECK(update(tracker, {}, 11.01).empty());
  CHECK_FALSE(tracker.alive(1));
  CHECK(update(tracker, {at(5, 5)}, 11.1) == Numbers{2});
  CHECK_FALSE(tracker.alive(3));
}

TEST_CASE("a face of the last frame is known again, however long ago that was") {
  FaceTracker tracker;
  CHECK(update(tracker, {at(0, 0)}, 0) == Numbers{1});
  CHECK(update(tracker, {at(5, 5)}, 10) == Numbers{1});
  CHECK(update(tracker, {}, 20).empty());
  CHECK(tracker.alive(1));
  CHECK(update(tracker, {at(5, 5)}, 30) == Numbers{2});
  CHECK_FALSE(tracker.alive(1));
}

TEST_CASE("a tracker refuses bad input, which changes nothing") {
  CHECK_THROWS_WITH(FaceTracker({.min_overlap = -0.1}), "[tracker] min_overlap is -0.1, expected 0 to 1");
  CHECK_THROWS_WITH(FaceTracker({.keep = 1e9}), "[tracker] keep is 1e+09, expected 0 to 3600");
  FaceTracker tracker;
  const auto error = [&](const std::vector<Face>& faces, double time) -> std::string {
    try {
      tracker.update(faces, time);
    } catch (const mien::ArgumentError& problem) {
      return problem.what();
    }
    return "no error";
  };
  CHECK(error({at(0, 0)}, std::numeric_limits<double>::infinity()) == "[tracker] the time is inf");
  CHECK(error({at(0, 0)}, 1) == "no error");
  CHECK(error({at(0, 0)}, 1) == "[tracker] time 1 is not after 1");
  CHECK(error({at(0, 0), at(0, 0, 0)}, 2) == "[tracker] a face of 0 x 0 pixels");
  CHECK(update(tracker, {at(0, 0)}, 1.5) == Numbers{1});
}
