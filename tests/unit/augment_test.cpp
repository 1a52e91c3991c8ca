#include "mien/image/augment.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "support/catch.hpp"

using mien::Index;
using mien::RandomPurpose;
using mien::RandomStream;
using mien::image::Augmentation;
using Pixels = std::vector<std::uint8_t>;

namespace {

constexpr Index kHeight = 6, kWidth = 8;

Pixels ramp() {
  Pixels pixels(kHeight * kWidth);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(40 + 3 * i);
  return pixels;
}

Pixels changed(const Pixels& in, const Augmentation& how, std::uint64_t id = 0) {
  Pixels out(in.size());
  mien::image::augment(out.data(), in.data(), kHeight, kWidth, how,
                       RandomStream(1, RandomPurpose::augmentation, id));
  return out;
}

Pixels mirrored(Pixels pixels) {
  for (Index row = 0; row < kHeight; ++row) {
    std::reverse(pixels.begin() + row * kWidth, pixels.begin() + (row + 1) * kWidth);
  }
  return pixels;
}

}  // namespace

TEST_CASE("an augmentation that changes nothing copies") {
  CHECK(changed(ramp(), {}) == ramp());
}

TEST_CASE("mirroring exchanges left and right, exactly and about half of the time") {
  CHECK(changed(ramp(), {.mirror = 1}) == mirrored(ramp()));
  int count = 0;
  for (std::uint64_t id = 0; id < 400; ++id) {
    const Pixels out = changed(ramp(), {.mirror = 0.5f}, id);
    REQUIRE((out == ramp() || out == mirrored(ramp())));
    count += out != ramp() ? 1 : 0;
  }
  CHECK(count > 150);
  CHECK(count < 250);
}

TEST_CASE("an augmentation is a function of its stream, and streams differ") {
  const Augmentation how{.mirror = 0.5f, .shift = 0.1f, .rotate = 15, .scale = 0.1f, .contrast = 0.2f};
  std::set<std::string> seen;
  for (std::uint64_t id = 0; id < 20; ++id) {
    CHECK(changed(ramp(), how, id) == changed(ramp(), how, id));
    const Pixels out = changed(ramp(), how, id);
    seen.emplace(out.begin(), out.end());
  }
  CHECK(seen.size() == 20);
}

TEST_CASE("geometry moves a spot no farther than its limits and repeats the edge") {
  Pixels spot(kHeight * kWidth, 100);
  spot[2 * kWidth + 3] = 200;
  for (std::uint64_t id = 0; id < 50; ++id) {
    const Pixels out = changed(spot, {.shift = 0.125f}, id);
    double mass = 0, x = 0, y = 0;
    for (Index i = 0; i < kHeight * kWidth; ++i) {
      CHECK(out[static_cast<std::size_t>(i)] >= 100);  // nothing comes in from beyond the edge
      const double above = out[static_cast<std::size_t>(i)] - 100.0;
      mass += above;
      x += above * static_cast<double>(i % kWidth);
      y += above * static_cast<double>(i / kWidth);
    }
    REQUIRE(mass > 95);
    CHECK(std::abs(x / mass - 3) <= 0.125 * kWidth + 0.05);
    CHECK(std::abs(y / mass - 2) <= 0.125 * kHeight + 0.05);
  }
}

TEST_CASE("turning, scaling and cropping stay inside the picture's levels") {
  const Pixels in = ramp();
  const auto [least, most] = std::minmax_element(in.begin(), in.end());
  for (std::uint64_t id = 0; id < 50; ++id) {
    for (const Augmentation& how :
         {Augmentation{.rotate = 180}, Augmentation{.scale = 0.5f}, Augmentation{.crop = 0.5f}}) {
      const Pixels out = changed(in, how, id);
      CHECK(*std::min_element(out.begin(), out.end()) >= *least);
      CHECK(*std::max_element(out.begin(), out.end()) <= *most);
    }
  }
}

TEST_CASE("light keeps the order of levels; brightness moves all of them alike") {
  for (std::uint64_t id = 0; id < 20; ++id) {
    const Pixels contrast = changed(ramp(), {.contrast = 0.3f}, id);
    CHECK(std::is_sorted(contrast.begin(), contrast.end()));
    const Pixels bright = changed(ramp(), {.brightness = 0.1f}, id);
    const int added = bright[0] - ramp()[0];
    CHECK(std::abs(added) <= 26);
    for (std::size_t i = 0; i < bright.size(); ++i) CHECK(std::abs(bright[i] - ramp()[i] - added) <= 1);
  }
}

TEST_CASE("erasing replaces one rectangle of at most a fifth") {
  const Pixels flat(kHeight * kWidth, 0);
  int erased = 0;
  for (std::uint64_t id = 0; id < 100; ++id) {
    const Pixels out = changed(flat, {.erase = 1}, id);
    const auto count = static_cast<Index>(out.size()) - std::count(out.begin(), out.end(), 0);
    CHECK(count <= kHeight * kWidth / 5 + 1);
    erased += count > 0 ? 1 : 0;
  }
  CHECK(erased > 90);
}

TEST_CASE("limits out of their range are named") {
  CHECK_NOTHROW(mien::image::check({}));
  CHECK_THROWS_AS(mien::image::check({.mirror = 1.5f}), mien::ArgumentError);
  CHECK_THROWS_WITH(mien::image::check({.shift = -0.25f}),
                    "[augment] shift must be in [0, 0.500000], got -0.250000");
  CHECK_THROWS_WITH(mien::image::check({.crop = 0.75f}),
                    "[augment] crop must be in [0, 0.500000], got 0.750000");
}
