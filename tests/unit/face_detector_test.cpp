#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "face/cascade.hpp"
#include "face/group.hpp"
#include "face/levels.hpp"
#include "face/shrink.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/parallel.hpp"
#include "mien/face/detector.hpp"
#include "support/cascade_text.hpp"
#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/gzip_text.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_count_guard.hpp"

using mien::test::ThreadCountGuard;

namespace {

using namespace mien::face;
using mien::Index;
using mien::image::GrayImage;
using mien::test::CascadeText;
using mien::test::left_brighter;

// The same from definitions, one window and one pixel at a time.
namespace reference {

using detail::Cascade;

struct Window {
  const GrayImage& image;
  Index x, y;
  Index pixel(Index i, Index j) const {
    return image.pixels[static_cast<std::size_t>((y + j) * image.width + x + i)];
  }
};

// A tilted rectangle's pixels: along each of its `height` rows down to the left lie two diagonals of pixels, of
// which the outer ones of the first begin at the apex.
Index sum(const Window& window, const detail::Rectangle& r, bool tilted) {
  Index total = 0;
  if (!tilted) {
    for (int j = 0; j < r.height; ++j) {
      for (int i = 0; i < r.width; ++i) total += window.pixel(r.x + i, r.y + j);
    }
    return total;
  }
  for (int a = 0; a < r.width; ++a) {
    for (int b = 0; b < r.height; ++b) {
      total += window.pixel(r.x + a - b - 1, r.y + a + b) + window.pixel(r.x + a - b - 1, r.y + a + b + 1);
    }
  }
  return total;
}

// 1 / (area * standard deviation) of the inner pixels; nothing where the deviation is 10 or less.
std::optional<float> factor(const Window& window, const Cascade& cascade) {
  double pixels = 0, squares = 0;
  for (int j = 1; j < cascade.height - 1; ++j) {
    for (int i = 1; i < cascade.width - 1; ++i) {
      const auto p = static_cast<double>(window.pixel(i, j));
      pixels += p;
      squares += p * p;
    }
  }
  const double area = (cascade.width - 2) * (cascade.height - 2);
  const double spread = area * squares - pixels * pixels;
  if (spread <= 0) return std::nullopt;
  const auto value = static_cast<float>(1 / std::sqrt(spread));
  if (area * static_cast<double>(value) >= 0.1) return std::nullopt;
  return value;
}

// How many stages the window passes; -1 without contrast.
int passed(const Window& window, const Cascade& cascade) {
  const std::optional<float> norm = factor(window, cascade);
  if (!norm) return -1;
  int count = 0;
  std::size_t node = 0, tree = 0;
  for (const mien::kernels::HaarStage& stage : cascade.stages) {
    double total = 0;
    for (Index t = 0; t < stage.trees; ++t, ++tree) {
      int at = 0;
      do {
        const detail::Node& here = cascade.nodes[node + static_cast<std::size_t>(at)];
        const detail::Feature& feature = cascade.features[static_cast<std::size_t>(here.feature)];
        float value = 0;
        for (const detail::Rectangle& r : feature.rectangles) {
          if (r.weight != 0) value += r.weight * static_cast<float>(sum(window, r, feature.tilted));
        }
        const mien::kernels::HaarLinks& links = cascade.links[node + static_cast<std::size_t>(at)];
        at = value * *norm < here.threshold ? links.below : links.above;
      } while (at > 0);
      total += static_cast<double>(cascade.leaves[node + tree + static_cast<std::size_t>(-at)]);
      node += static_cast<std::size_t>(cascade.tree_sizes[tree]);
    }
    if (total < static_cast<double>(stage.threshold)) return count;
    ++count;
  }
  return count;
}

std::vector<Face> detect(const GrayImage& image, const Cascade& cascade, const DetectOptions& options) {
  std::vector<Face> found;
  const int stages = static_cast<int>(cascade.stages.size());
  const detail::Extent size = {image.width, image.height};
  for (const detail::Level& level : detail::plan_levels(size, {cascade.width, cascade.height}, options)) {
    GrayImage shrunk{level.size.width, level.size.height, {}};
    const detail::RowShrinker shrinker(image, level.size);
    detail::RowShrinker::Cache cache(shrinker);
    for (Index y = 0; y < shrunk.height; ++y) {
      const std::uint8_t* row = shrinker.row(y, cache);
      shrunk.pixels.insert(shrunk.pixels.end(), row, row + shrunk.width);
    }
    const auto place = [&](Index at) {
      return static_cast<Index>(std::lrint(static_cast<double>(static_cast<float>(at) * level.scale)));
    };
    for (Index row = 0; row < level.rows; ++row) {
      for (Index column = 0; column < level.columns; ++column) {
        const Window window{shrunk, column * level.step, row * level.step};
        const int count = passed(window, cascade);
        if (count == stages) {
          const Index left = place(window.x), top = place(window.y);
          found.push_back({left, top, std::min(level.face.width, image.width - left),
                           std::min(level.face.height, image.height - top), 1});
        }
        if (count == 0) ++column;
      }
    }
  }
  return found;
}

}  // namespace reference

// Blobs and slopes, so that neighboring windows see like things.
GrayImage scene(Index width, Index height, unsigned seed) {
  std::mt19937 generator(seed);
  GrayImage image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height))};
  const auto random = [&](Index below) { return static_cast<Index>(generator()) % below; };
  for (int blob = 0; blob < 60; ++blob) {
    const Index left = random(width), top = random(height), w = 2 + random(30), h = 2 + random(30);
    const auto gray = static_cast<std::uint8_t>(random(256));
    for (Index y = top; y < std::min(height, top + h); ++y) {
      for (Index x = left; x < std::min(width, left + w); ++x) {
        image.pixels[static_cast<std::size_t>(y * width + x)] =
            static_cast<std::uint8_t>(gray / 2 + random(100));
      }
    }
  }
  return image;
}

class RandomCascade {
 public:
  RandomCascade(int width, int height, unsigned seed)
      : generator_(seed), text_{.width = width, .height = height} {}

  /// Trees of up to `nodes` nodes, of upright features or of both kinds.
  std::string xml(int stages, int trees, int nodes, bool tilted) {
    int features = 0;
    for (int s = 0; s < stages; ++s) {
      std::vector<CascadeText::Tree> list;
      for (int t = 0; t < trees; ++t) list.push_back(tree(1 + random(nodes), tilted, features));
      text_.stage(std::to_string(0.02 * random(50) - 0.5), list);
    }
    return text_.xml();
  }

 private:
  int random(int below) { return static_cast<int>(generator_() % static_cast<unsigned>(below)); }

  std::string rectangle(bool tilted, const std::string& weight) {
    for (;;) {
      const int x = random(text_.width), y = random(text_.height);
      const int w = 1 + random(text_.width), h = 1 + random(text_.height);
      if (x + w > text_.width || y + h > text_.height) continue;
      if (tilted && (x - h < 0 || y + w + h > text_.height)) continue;
      return std::to_string(x) + " " + std::to_string(y) + " " + std::to_string(w) + " " + std::to_string(h) +
             " " + weight;
    }
  }

  // Each node leads to the next or to a leaf, on a random side.
  CascadeText::Tree tree(int nodes, bool tilted, int& features) {
    CascadeText::Tree result;
    for (int n = 0; n < nodes; ++n) {
      const bool turned = tilted && random(2) == 0;
      std::vector<std::string> rectangles = {rectangle(turned, "-1."), rectangle(turned, "2.5")};
      if (random(2) == 0) rectangles.push_back(rectangle(turned, "3."));
      text_.feature(rectangles, turned);
      const std::string leaf = std::to_string(-n);
      const std::string next = n + 1 < nodes ? std::to_string(n + 1) : std::to_string(-nodes);
      result.nodes += (random(2) == 0 ? leaf + " " + next : next + " " + leaf) + " " +
                      std::to_string(features++) + " " + std::to_string(0.01 * random(100)) + " ";
      result.leaves += std::to_string(0.01 * random(200) - 0.8) + " ";
    }
    result.leaves += std::to_string(0.01 * random(200) - 0.8);
    return result;
  }

  std::mt19937 generator_;
  CascadeText text_;
};

void check_against_reference(const std::string& xml, const GrayImage& image, const DetectOptions& options,
                             std::size_t& found) {
  const std::vector<Face> expected = reference::detect(image, detail::parse_cascade(xml, "test"), options);
  const CascadeDetector detector = CascadeDetector::parse(xml, "test");
  found += expected.size();
  mien::testing::for_each_isa([&](const mien::kernels::KernelTable&) {
    std::vector<Face> actual = detector.detect(image, options);
    CHECK(actual.size() == expected.size());
    for (const Face& face : expected) REQUIRE(std::find(actual.begin(), actual.end(), face) != actual.end());
  });
}

TEST_CASE("a cascade may be packed with gzip") {
  const mien::test::TemporaryFolder folder;
  const std::string xml = left_brighter().xml();
  mien::write_file_atomically(folder / "c.xml.gz", mien::test::stored_gzip(xml));
  CHECK(CascadeDetector::load(folder / "c.xml.gz").window_width() ==
        CascadeDetector::parse(xml, "c").window_width());
}

TEST_CASE("every instruction set finds what the definitions say, with stumps, trees and tilted features") {
  std::size_t found = 0;
  for (unsigned seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    const int width = 5 + static_cast<int>(seed % 9), height = 12 + static_cast<int>(seed % 5);
    const std::string xml =
        RandomCascade(width, height, seed).xml(3, 4, 1 + static_cast<int>(seed % 4), seed % 3 == 0);
    const GrayImage image = scene(40 + static_cast<Index>(seed) * 3, 36 + static_cast<Index>(seed), seed);
    check_against_reference(xml, image, {.scale_factor = 1.2, .min_neighbors = 0}, found);
  }
  CHECK(found > 1000);  // else the cascades are too strict to prove anything
}

TEST_CASE("a window's size and the image's may be equal") {
  std::size_t found = 0;
  check_against_reference(left_brighter().xml(), scene(8, 6, 1), {.min_neighbors = 0}, found);
  check_against_reference(left_brighter().xml(), scene(9, 7, 2), {.min_neighbors = 0}, found);
  CHECK(CascadeDetector::parse(left_brighter().xml(), "t").detect(scene(7, 6, 1)).empty());
  CHECK(CascadeDetector::parse(left_brighter().xml(), "t").detect({}).empty());
}

TEST_CASE("the number of threads does not change what is found") {
  const ThreadCountGuard guard;
  const CascadeDetector detector = CascadeDetector::parse(RandomCascade(12, 12, 6).xml(2, 3, 2, true), "test");
  const GrayImage image = scene(300, 260, 9);
  mien::set_thread_count(1);
  const std::vector<Face> all = detector.detect(image, {.min_neighbors = 0});
  const std::vector<Face> grouped = detector.detect(image);
  CHECK(!all.empty());
  for (const int threads : {2, 3, 7}) {
    mien::set_thread_count(threads);
    CHECK(detector.detect(image, {.min_neighbors = 0}) == all);
    CHECK(detector.detect(image) == grouped);
  }
}

// Dark with one bright left half.
GrayImage one_edge() {
  GrayImage image{40, 40, std::vector<std::uint8_t>(1600, 20)};
  for (Index y = 8; y < 32; ++y) {
    for (Index x = 4; x < 20; ++x) image.pixels[static_cast<std::size_t>(y * 40 + x)] = 200;
  }
  return image;
}

TEST_CASE("faces come largest first, lie on the image and say how many windows agreed") {
  const CascadeDetector detector = CascadeDetector::parse(left_brighter().xml(), "test");
  CHECK(detector.window_width() == 8);
  CHECK(detector.window_height() == 6);
  const std::vector<Face> faces = detector.detect(one_edge(), {.min_neighbors = 1});
  REQUIRE(!faces.empty());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    CHECK(faces[i].score > 1);
    CHECK(faces[i].x >= 0);
    CHECK(faces[i].x + faces[i].width <= 40);
    CHECK(faces[i].y + faces[i].height <= 40);
    if (i > 0) CHECK(faces[i].width * faces[i].height <= faces[i - 1].width * faces[i - 1].height);
  }
  const std::vector<Face> large = detector.detect(one_edge(), {.min_neighbors = 0, .min_face = 16});
  for (const Face& face : large) CHECK(face.height >= 16);
}

TEST_CASE("images and options out of range are refused") {
  const CascadeDetector detector = CascadeDetector::parse(left_brighter().xml(), "test");
  const auto error = [&](const GrayImage& image, const DetectOptions& options) -> std::string {
    try {
      detector.detect(image, options);
    } catch (const mien::ArgumentError& problem) {
      return problem.what();
    }
    return "no error";
  };
  const GrayImage image = one_edge();
  CHECK(error(image, {.scale_factor = 1.0}) == "[detect] scale_factor is 1, expected 1.01 to 10");
  CHECK(error(image, {.scale_factor = std::nan("")}) == "[detect] scale_factor is nan, expected 1.01 to 10");
  CHECK(error(image, {.min_neighbors = -1}) == "[detect] min_neighbors is -1, expected 0 to 1000000");
  CHECK(error(image, {.min_face = -1}) == "[detect] min_face -1 and max_face 0, expected 0 to 16384");
  CHECK(error({2, 2, {1, 2, 3}}, {}) == "[detect] an image of 2 x 2 pixels holds 3");
  CHECK(error({-1, -1, {1}}, {}) == "[detect] an image of -1 x -1 pixels, expected edges up to 16384");
  CHECK(error({16385, 0, {}}, {}) == "[detect] an image of 16385 x 0 pixels, expected edges up to 16384");
}

TEST_CASE("cascades are read from files, and the environment may name the default one") {
  const mien::test::TemporaryFolder folder;
  const std::filesystem::path path = folder / "cascade.xml";
  CHECK_THROWS_AS(CascadeDetector::load(path), mien::DataError);
  mien::write_file_atomically(path, left_brighter().xml());
  CHECK(CascadeDetector::load(path).window_width() == 8);
  const char* before = std::getenv("MIEN_CASCADE");
  const std::optional<std::string> saved =
      before == nullptr ? std::nullopt : std::optional<std::string>(before);
  ::setenv("MIEN_CASCADE", path.c_str(), 1);
  CHECK(find_default_cascade() == path);
  saved ? ::setenv("MIEN_CASCADE", saved->c_str(), 1) : ::unsetenv("MIEN_CASCADE");
}

TEST_CASE("OpenCV's own frontal cascades are read and see no face in noise") {
  const std::optional<std::filesystem::path> path = find_default_cascade();
  if (!path || !std::filesystem::exists(*path)) {
    WARN("skipped: no cascade of OpenCV's is installed");
    return;
  }
  const CascadeDetector detector = CascadeDetector::load(*path);
  const GrayImage image = scene(200, 160, 3);
  std::size_t found = 0;
  check_against_reference(mien::read_file(*path, 1 << 24), image, {.min_neighbors = 0}, found);
  CHECK(detector.detect(image).empty());
}

}  // namespace
