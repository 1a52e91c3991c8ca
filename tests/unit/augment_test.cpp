#include "mien/image/augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "mien/core/crc32.hpp"
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
  mien::image::augment(out.data(), in.data(), {kHeight, kWidth}, how,
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

TEST_CASE("every change changes, as far as its limit and no farther") {
  // A dark picture with a bright spot in the middle of its right half, where every movement is seen.
  constexpr Index kEdge = 33, kMiddle = 16, kSpot = 22;
  Pixels picture(kEdge * kEdge, 0);
  for (Index y = kMiddle - 2; y <= kMiddle + 2; ++y) {
    for (Index x = kSpot - 2; x <= kSpot + 2; ++x) picture[static_cast<std::size_t>(y * kEdge + x)] = 250;
  }
  struct Place {
    double x = 0, y = 0;
  };
  const auto place = [&](const Augmentation& how, std::uint64_t id) {
    Pixels out(picture.size());
    mien::image::augment(out.data(), picture.data(), {kEdge, kEdge}, how,
                         RandomStream(1, RandomPurpose::augmentation, id));
    double mass = 0;
    Place center;
    for (Index i = 0; i < kEdge * kEdge; ++i) {
      const double value = out[static_cast<std::size_t>(i)];
      mass += value;
      center.x += value * static_cast<double>(i % kEdge - kMiddle);
      center.y += value * static_cast<double>(i / kEdge - kMiddle);
    }
    REQUIRE(mass > 0);
    return Place{center.x / mass, center.y / mass};
  };
  double shift_x = 0, shift_y = 0, turn = 0, least = 6, most = 6;
  double nearest = 6, farthest = 6;
  for (std::uint64_t id = 0; id < 200; ++id) {
    const Place shifted = place({.shift = 0.1f}, id);
    shift_x = std::max(shift_x, std::abs(shifted.x - 6));
    shift_y = std::max(shift_y, std::abs(shifted.y));
    const Place turned = place({.rotate = 30}, id);
    turn = std::max(turn, std::abs(std::atan2(turned.y, turned.x)) * 180 / 3.14159265358979);
    const double scaled = place({.scale = 0.25f}, id).x;
    least = std::min(least, scaled);
    most = std::max(most, scaled);
    const double cropped = place({.crop = 0.2f}, id).x;
    nearest = std::min(nearest, cropped);
    farthest = std::max(farthest, cropped);
  }
  CHECK(shift_x == Approx(3.3).margin(0.2));
  CHECK(shift_y == Approx(3.3).margin(0.2));
  CHECK(turn == Approx(30).margin(1.5));
  CHECK(least == Approx(4.5).margin(0.2));  // 6 * 0.75
  CHECK(most == Approx(7.5).margin(0.2));   // 6 * 1.25
  // Four fifths of the edge fill it: 6 becomes 7.5, give or take half of a fifth of the edge, enlarged.
  CHECK(nearest == Approx(7.5 - 4.1).margin(0.4));
  CHECK(farthest == Approx(7.5 + 4.1).margin(0.4));
}

TEST_CASE("light changes as far as its limit") {
  const Pixels in = ramp();
  int brighter = 0, darker = 0;
  double flattest = 1, steepest = 1;
  for (std::uint64_t id = 0; id < 200; ++id) {
    const int added = changed(in, {.brightness = 0.1f}, id)[20] - in[20];
    brighter = std::max(brighter, added);
    darker = std::min(darker, added);
    const Pixels out = changed(in, {.contrast = 0.25f}, id);
    const double slope = static_cast<double>(out[40] - out[5]) / (in[40] - in[5]);
    flattest = std::min(flattest, slope);
    steepest = std::max(steepest, slope);
  }
  CHECK(brighter == Approx(25.5).margin(1.5));
  CHECK(darker == Approx(-25.5).margin(1.5));
  CHECK(flattest == Approx(0.75).margin(0.03));
  CHECK(steepest == Approx(1.25).margin(0.03));
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

TEST_CASE("gamma changes the levels between black and white as far as its limit") {
  Pixels levels(kHeight * kWidth, 128);
  levels[0] = 0;
  levels[1] = 255;
  double least = 1, most = 1;
  for (std::uint64_t id = 0; id < 200; ++id) {
    const Pixels out = changed(levels, {.gamma = 0.5f}, id);
    REQUIRE(out[0] == 0);
    REQUIRE(out[1] == 255);
    const double exponent = std::log(out[2] / 255.0) / std::log(128 / 255.0);
    least = std::min(least, exponent);
    most = std::max(most, exponent);
  }
  CHECK(least == Approx(std::exp(-0.5)).margin(0.02));
  CHECK(most == Approx(std::exp(0.5)).margin(0.03));
}

TEST_CASE("as many pictures are degraded as said, by each kind alone and by all together") {
  constexpr Augmentation kAll{.blur = 3, .shrink = 2, .noise = 30, .jpeg = 20, .degrade = 0.4f};
  const auto share = [](const Augmentation& how) {
    int count = 0;
    for (std::uint64_t id = 0; id < 500; ++id) count += changed(ramp(), how, id) != ramp() ? 1 : 0;
    return count / 500.0;
  };
  CHECK(share(kAll) == Approx(0.4).margin(0.06));
  // Of what is drawn some is too little to be seen.
  CHECK(share({.noise = 30, .degrade = 0.4f}) == Approx(0.39).margin(0.06));
  CHECK(share({.blur = 3, .degrade = 0.4f}) == Approx(0.34).margin(0.06));
  CHECK(share({.shrink = 2, .degrade = 0.4f}) == Approx(0.37).margin(0.06));
  CHECK(share({.jpeg = 20, .degrade = 0.4f}) == Approx(0.4).margin(0.06));
  CHECK(share({.noise = 30}) == Approx(0.49).margin(0.06));
}

TEST_CASE("degradations go as far as their limits") {
  const Pixels flat(kHeight * kWidth, 128);
  double most_noise = 0;
  Index fewest = kHeight * kWidth;
  for (std::uint64_t id = 0; id < 100; ++id) {
    const Pixels noisy = changed(flat, {.noise = 10, .degrade = 1}, id);
    double squares = 0;
    for (const std::uint8_t pixel : noisy) squares += (pixel - 128.0) * (pixel - 128.0);
    most_noise = std::max(most_noise, std::sqrt(squares / static_cast<double>(noisy.size())));
    // One pixel of the longer edge is one level.
    const Pixels shrunk = changed(ramp(), {.shrink = 1, .degrade = 1}, id);
    fewest = std::min(fewest, static_cast<Index>(std::set<std::uint8_t>(shrunk.begin(), shrunk.end()).size()));
    CHECK(changed(ramp(), {.shrink = 8, .degrade = 1}, id) == ramp());
    CHECK(changed(flat, {.blur = 20, .shrink = 1, .degrade = 1}, id) == flat);
  }
  CHECK(most_noise > 8.5);
  CHECK(most_noise < 13);
  CHECK(fewest == 1);
}

TEST_CASE("what is left out draws nothing: pictures are those of before there were degradations") {
  const Augmentation how{
      .mirror = 0.5f, .shift = 0.1f, .crop = 0.1f, .brightness = 0.1f, .contrast = 0.2f, .erase = 0.5f};
  Augmentation without = how, never = how;
  without.degrade = 1;
  never.noise = never.jpeg = never.blur = never.shrink = 5;
  never.degrade = 0;
  Pixels all;
  for (std::uint64_t id = 0; id < 50; ++id) {
    const Pixels out = changed(ramp(), how, id);
    CHECK(changed(ramp(), without, id) == out);
    CHECK(changed(ramp(), never, id) == out);
    all.insert(all.end(), out.begin(), out.end());
  }
  CHECK(mien::crc32(all) == 0x64765c3f);
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

TEST_CASE("what is degraded or erased can be had as it was before, moved and lit all the same") {
  const Augmentation moved{.mirror = 0.5f, .shift = 0.1f, .brightness = 0.1f, .contrast = 0.2f, .gamma = 0.2f};
  Augmentation worn = moved;
  worn.blur = 2;
  worn.noise = 20;
  worn.erase = 0.5f;
  worn.degrade = 1;
  CHECK(mien::image::degrades(worn));
  CHECK_FALSE(mien::image::degrades(moved));
  worn.degrade = 0;
  CHECK_FALSE(mien::image::degrades(worn));
  worn.degrade = 1;
  int differ = 0;
  for (std::uint64_t id = 0; id < 30; ++id) {
    Pixels out(ramp().size()), before(ramp().size());
    mien::image::augment(out.data(), ramp().data(), {kHeight, kWidth}, worn,
                         RandomStream(1, RandomPurpose::augmentation, id), before.data());
    CHECK(before == changed(ramp(), moved, id));
    CHECK(out == changed(ramp(), worn, id));  // whether anybody asks or not
    differ += out != before ? 1 : 0;
  }
  CHECK(differ > 20);
}

TEST_CASE("limits out of their range are named") {
  CHECK_NOTHROW(mien::image::check({}));
  CHECK_THROWS_AS(mien::image::check({.mirror = 1.5f}), mien::ArgumentError);
  CHECK_THROWS_WITH(mien::image::check({.shift = -0.25f}),
                    "[augment] shift must be in [0, 0.500000], got -0.250000");
  CHECK_THROWS_WITH(mien::image::check({.crop = 0.75f}),
                    "[augment] crop must be in [0, 0.500000], got 0.750000");
}

TEST_CASE("planes of a color picture are moved, lit and worn alike") {
  const mien::image::PictureShape shape{kHeight, kWidth, 3};
  const auto plane = static_cast<std::size_t>(shape.plane());
  std::vector<std::uint8_t> in;
  for (int c = 0; c < 3; ++c) {
    const auto gray = ramp();
    in.insert(in.end(), gray.begin(), gray.end());
  }
  const mien::image::Augmentation how{.mirror = 0.5f,
                                      .shift = 0.2f,
                                      .rotate = 30,
                                      .brightness = 0.2f,
                                      .contrast = 0.3f,
                                      .gamma = 0.5f,
                                      .blur = 2};
  for (std::uint64_t i = 0; i < 20; ++i) {
    std::vector<std::uint8_t> out(in.size()), alone(plane);
    const mien::RandomStream random(5, mien::RandomPurpose::augmentation, i);
    mien::image::augment(out.data(), in.data(), shape, how, random);
    mien::image::augment(alone.data(), in.data(), {kHeight, kWidth}, how, random);
    for (std::size_t c = 0; c < 3; ++c) {
      REQUIRE(std::equal(alone.begin(), alone.end(), out.begin() + static_cast<std::ptrdiff_t>(c * plane)));
    }
  }
}

TEST_CASE("channels are shifted each by itself, and a gray picture is left alone") {
  const mien::image::PictureShape shape{kHeight, kWidth, 3};
  const auto plane = static_cast<std::size_t>(shape.plane());
  Pixels in(3 * plane);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::uint8_t>(100 + i % plane);
  int brighter = 0, darker = 0, farthest_apart = 0;
  for (std::uint64_t id = 0; id < 200; ++id) {
    Pixels out(in.size());
    mien::image::augment(out.data(), in.data(), shape, {.channel_shift = 0.2f},
                         RandomStream(1, RandomPurpose::augmentation, id));
    std::array<int, 3> added{};
    for (std::size_t c = 0; c < 3; ++c) {
      added[c] = out[c * plane] - in[c * plane];
      for (std::size_t i = c * plane; i < (c + 1) * plane; ++i) CHECK(out[i] - in[i] == added[c]);
    }
    const auto [least, most] = std::minmax_element(added.begin(), added.end());
    brighter = std::max(brighter, *most);
    darker = std::min(darker, *least);
    farthest_apart = std::max(farthest_apart, *most - *least);
  }
  CHECK(brighter == Approx(51).margin(2));
  CHECK(darker == Approx(-51).margin(2));
  CHECK(farthest_apart > 80);
  for (std::uint64_t id = 0; id < 20; ++id) {  // nor is anything drawn for it
    CHECK(changed(ramp(), {.channel_shift = 1, .noise = 20, .degrade = 1}, id) ==
          changed(ramp(), {.noise = 20, .degrade = 1}, id));
  }
}
