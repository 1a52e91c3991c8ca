// Mixtures of a batch: what is drawn, and what becomes of images and labels.
#include "mien/data/mix.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "mien/core/error.hpp"
#include "support/catch.hpp"

using mien::ArgumentError;
using mien::Index;
using mien::Shape;
using mien::Tensor;
using namespace mien::data;

namespace {

const Shape kImages{6, 2, 5, 7};

// Image i holds 100 i + the place.
Tensor numbered() {
  Tensor images(kImages);
  const Index size = images.size() / kImages[0];
  for (Index i = 0; i < images.size(); ++i) {
    images.mutable_data()[i] = static_cast<float>(100 * (i / size) + i % size);
  }
  return images;
}

bool same(const Mix& a, const Mix& b) {
  const auto box = [](const Mix& m) {
    return m.box ? std::vector<Index>{m.box->top, m.box->left, m.box->bottom, m.box->right}
                 : std::vector<Index>{};
  };
  return a.partner == b.partner && a.share == b.share && box(a) == box(b);
}

}  // namespace

TEST_CASE("mixup blends images and labels in one share") {
  const Tensor images = numbered();
  const Mix mix{.partner = {1, 0, 2, 5, 3, 4}, .share = 0.75f};
  const Tensor result = mixed(mix, images);
  const Index size = images.size() / kImages[0];
  for (Index i = 0; i < images.size(); ++i) {
    const Index other = static_cast<Index>(mix.partner[static_cast<std::size_t>(i / size)]) * size + i % size;
    REQUIRE(result.data()[i] == 0.75f * images.data()[i] + 0.25f * images.data()[other]);
  }
  const std::vector<std::uint8_t> labels = {0, 1, 2, 1, 1, 0};
  const Tensor targets = mixed_targets(mix, labels, 3);
  const std::vector<float> expected = {0.75f, 0.25f, 0, 0.25f, 0.75f, 0, 0,     0,     1,
                                       0.25f, 0.75f, 0, 0,     1,     0, 0.75f, 0.25f, 0};
  CHECK(std::vector<float>(targets.values().begin(), targets.values().end()) == expected);
  CHECK(images.data()[0] == 0.0f);  // the batch itself is as it was
}

TEST_CASE("cutmix takes the box, and nothing else, from the partner") {
  const Tensor images = numbered();
  const Mix mix{.partner = {1, 2, 3, 4, 5, 0},
                .share = 0.5f,
                .box = Mix::Box{.top = 1, .left = 2, .bottom = 4, .right = 6}};
  const Tensor result = mixed(mix, images);
  for (Index i = 0; i < kImages[0]; ++i) {
    for (Index p = 0; p < 70; ++p) {
      const Index row = p % 35 / 7, column = p % 7;
      const bool inside = row >= 1 && row < 4 && column >= 2 && column < 6;
      REQUIRE(result.data()[i * 70 + p] == static_cast<float>(100 * (inside ? (i + 1) % 6 : i) + p));
    }
  }
}

TEST_CASE("a mixture follows from seed and step alone, and its targets from what is left of each image") {
  const MixOptions options{.mixup = 0.4f, .cutmix = 1.0f};
  const Shape shape{16, 1, 48, 48};
  int mixups = 0, cuts = 0, empty = 0;
  for (std::uint64_t step = 0; step < 400; ++step) {
    const Mix mix = draw_mix(options, 7, {step, 400}, shape);
    CHECK(same(mix, draw_mix(options, 7, {step, 400}, shape)));
    CHECK_FALSE(same(mix, draw_mix(options, 8, {step, 400}, shape)));
    CHECK_FALSE(same(mix, draw_mix(options, 7, {step + 2, 400}, shape)));
    std::vector<std::uint32_t> all = mix.partner;
    std::sort(all.begin(), all.end());
    std::vector<std::uint32_t> expected(16);
    std::iota(expected.begin(), expected.end(), 0u);
    REQUIRE(all == expected);
    REQUIRE(mix.share >= 0.0f);
    REQUIRE(mix.share <= 1.0f);
    if (!mix.box) {
      ++mixups;
      continue;
    }
    ++cuts;
    REQUIRE(mix.box->top >= 0);
    REQUIRE(mix.box->left >= 0);
    REQUIRE(mix.box->bottom <= 48);
    REQUIRE(mix.box->right <= 48);
    const Index area = (mix.box->bottom - mix.box->top) * (mix.box->right - mix.box->left);
    REQUIRE(area >= 0);
    REQUIRE(mix.share == Approx(1.0 - static_cast<double>(area) / (48 * 48)));
    if (area == 0) ++empty;
  }
  CHECK(mixups == 200);
  CHECK(cuts == 200);
  CHECK(empty < 20);
}

TEST_CASE("one alpha mixes every batch its way, none no batch, and mixing ends when it is told to") {
  const Shape shape{4, 1, 8, 8};
  for (std::uint64_t step = 0; step < 10; ++step) {
    const Mix blended = draw_mix({.mixup = 1}, 0, {step}, shape);
    CHECK((blended.mixes() && !blended.box));
    const Mix cut = draw_mix({.cutmix = 1}, 0, {step}, shape);
    CHECK((cut.mixes() && cut.box));
    CHECK_FALSE(draw_mix({}, 0, {step}, shape).mixes());
    CHECK(draw_mix({.mixup = 1, .until = 0.6f}, 0, {step, 10}, shape).mixes() == (step < 6));
    CHECK_FALSE(draw_mix({.mixup = 1, .until = 0}, 0, {step, 10}, shape).mixes());
  }
  const Tensor images(shape);
  CHECK(mixed(draw_mix({}, 0, {}, shape), images).data() == images.data());
  const std::vector<std::uint8_t> labels = {2, 0, 1, 1};
  CHECK(mixed_targets({}, labels, 3).data()[2] == 1.0f);
}

TEST_CASE("mixtures refuse what does not fit") {
  const Mix mix{.partner = {1, 0}, .share = 0.5f};
  const std::vector<std::uint8_t> labels = {0, 3}, three = {0, 1, 2};
  CHECK_THROWS_WITH(mixed(mix, Tensor(kImages)), "[mix] a mixture of 2 images for 6");
  CHECK_THROWS_WITH(mixed_targets(mix, three, 3), "[mix] a mixture of 2 images for 3");
  CHECK_THROWS_WITH(mixed_targets(mix, labels, 3), "[mix] label 3 of 3 classes");
  CHECK_THROWS_AS(draw_mix({.until = 1.5f}, 0, {}, kImages), ArgumentError);
  CHECK_THROWS_AS(draw_mix({.mixup = -1}, 0, {}, kImages), ArgumentError);
  CHECK_THROWS_AS(draw_mix({.cutmix = std::nanf("")}, 0, {}, kImages), ArgumentError);
}
