#include "mien/data/loader.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "support/catch.hpp"
#include "support/thread_count_guard.hpp"

using mien::data::Dataset;
using mien::data::Loader;
using mien::test::ThreadCountGuard;

namespace {

// Image i is all i: a batch shows which rows it holds.
Dataset numbered(std::size_t count) {
  Dataset dataset;
  dataset.height = 2;
  dataset.width = 3;
  for (std::size_t i = 0; i < count; ++i) {
    dataset.pixels.insert(dataset.pixels.end(), 6, static_cast<std::uint8_t>(i));
    dataset.labels.push_back(static_cast<std::uint8_t>(i % 7));
    dataset.splits.push_back(mien::data::Split::training);
  }
  return dataset;
}

std::vector<std::uint32_t> all(std::size_t count) {
  std::vector<std::uint32_t> rows(count);
  for (std::size_t i = 0; i < count; ++i) rows[i] = static_cast<std::uint32_t>(i);
  return rows;
}

std::vector<int> ids(const mien::data::Batch& batch) {
  std::vector<int> result;
  for (mien::Index i = 0; i < batch.images.dim(0); ++i)
    result.push_back(static_cast<int>(batch.images.data()[i * 6]));
  return result;
}

}  // namespace

TEST_CASE("an epoch shows every row once, but for those that do not fill a batch") {
  const Dataset dataset = numbered(53);
  Loader loader(dataset, all(53), {}, 10, 0);
  CHECK(loader.batches_per_epoch() == 5);
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    std::set<int> seen;
    for (std::uint64_t i = 0; i < 5; ++i) {
      const mien::data::Batch batch = loader.batch(epoch * 5 + i);
      REQUIRE(batch.images.shape() == mien::Shape{10, 1, 2, 3});
      CHECK(std::equal(batch.pixels.begin(), batch.pixels.end(), batch.images.data(),
                       batch.images.data() + batch.images.size()));
      for (std::size_t k = 0; k < 10; ++k) {
        const int id = ids(batch)[k];
        CHECK(seen.insert(id).second);
        CHECK(batch.labels[k] == id % 7);
      }
    }
    CHECK(seen.size() == 50);
  }
}

TEST_CASE("a batch is a function of seed and step alone") {
  const Dataset dataset = numbered(40);
  Loader a(dataset, all(40), {}, 8, 3);
  Loader b(dataset, all(40), {}, 8, 3);
  Loader other(dataset, all(40), {}, 8, 4);
  const auto late = ids(b.batch(17));  // without the batches before it
  for (std::uint64_t step = 0; step < 17; ++step) (void)a.batch(step);
  CHECK(ids(a.batch(17)) == late);
  CHECK(ids(a.batch(2)) == ids(b.batch(2)));
  CHECK(ids(other.batch(17)) != late);
  CHECK(ids(a.batch(0)) != ids(a.batch(5)));  // the next epoch has another order
}

TEST_CASE("degraded images are the same for any number of threads, and their own at each place") {
  const Dataset dataset = numbered(40);
  const ThreadCountGuard guard;
  const auto pixels = [&](int threads, std::uint64_t step) {
    mien::set_thread_count(threads);
    const mien::image::Augmentation how{
        .gamma = 0.3f, .blur = 1, .shrink = 1, .noise = 30, .jpeg = 40, .degrade = 1};
    return Loader(dataset, all(40), {}, 40, 3, how).batch(step).pixels;
  };
  const auto one = pixels(1, 2);
  CHECK(pixels(3, 2) == one);
  CHECK(pixels(4, 2) == one);
  CHECK(pixels(1, 3) != one);
}

TEST_CASE("views of images come again, and are degraded anew") {
  const ThreadCountGuard guard;
  Dataset dataset = numbered(12);
  for (std::size_t i = 0; i < dataset.pixels.size(); ++i) dataset.pixels[i] = static_cast<std::uint8_t>(37 * i);
  const mien::image::Augmentation how{
      .mirror = 0.5f, .shift = 0.4f, .brightness = 0.2f, .noise = 20, .degrade = 1};
  constexpr std::uint64_t kViews = 3, kBatches = 4;
  // What is shown of each row in the epoch, as it is before it is degraded and after.
  struct Shown {
    std::map<std::uint32_t, std::vector<std::uint8_t>> views;
    std::map<std::uint32_t, std::vector<float>> images;
  };
  const auto epoch = [&](std::uint64_t number, int threads) {
    mien::set_thread_count(threads);
    Loader loader(dataset, all(12), {}, 3, 5, how, kViews);
    Shown shown;
    for (std::uint64_t i = 0; i < kBatches; ++i) {
      const mien::data::Batch batch = loader.batch(number * kBatches + i);
      CHECK(batch.view == number % kViews);
      REQUIRE(batch.rows.size() == 3);
      for (std::size_t k = 0; k < 3; ++k) {
        const std::uint8_t* pixels = batch.pixels.data() + 6 * k;
        const float* image = batch.images.data() + 6 * k;
        shown.views[batch.rows[k]] = {pixels, pixels + 6};
        shown.images[batch.rows[k]] = {image, image + 6};
        CHECK(batch.labels[k] == dataset.labels[batch.rows[k]]);
      }
    }
    return shown;
  };
  const Shown first = epoch(1, 1), again = epoch(1 + kViews, 2), other = epoch(2, 1);
  REQUIRE(first.views.size() == 12);
  CHECK(first.views == again.views);
  CHECK(first.views != other.views);
  for (const auto& [row, image] : first.images) CHECK(image != again.images.at(row));
}

TEST_CASE("fewer rows than a batch make one small batch") {
  const Dataset dataset = numbered(3);
  Loader loader(dataset, all(3), {}, 50, 0);
  CHECK(loader.batches_per_epoch() == 1);
  CHECK(loader.batch(4).labels.size() == 3);
}

TEST_CASE("a loader refuses nothing to load") {
  const Dataset dataset = numbered(3);
  CHECK_THROWS_AS(Loader(dataset, {}, {}, 5, 0), mien::ArgumentError);
  CHECK_THROWS_AS(Loader(dataset, all(3), {}, 0, 0), mien::ArgumentError);
  CHECK_THROWS_AS(mien::data::prepare(dataset, all(4), {}), mien::ArgumentError);
}
