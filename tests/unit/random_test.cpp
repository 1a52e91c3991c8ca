#include "mien/core/random.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/philox.hpp"
#include "support/catch.hpp"

using mien::RandomPurpose;
using mien::RandomStream;

TEST_CASE("Philox4x32-10 gives the published words") {
  // Random123's known-answer test for counter 0 and key 0.
  const auto block = mien::kernels::philox4x32(0, 0);
  CHECK(block.word[0] == 0x6627e8d5u);
  CHECK(block.word[1] == 0xe169c58du);
  CHECK(block.word[2] == 0xbc57ac4cu);
  CHECK(block.word[3] == 0x9b00dbd8u);
}

TEST_CASE("equal streams agree, others differ") {
  RandomStream a(1, RandomPurpose::shuffle, 2);
  RandomStream b(1, RandomPurpose::shuffle, 2);
  RandomStream other_seed(2, RandomPurpose::shuffle, 2);
  RandomStream other_purpose(1, RandomPurpose::dropout, 2);
  RandomStream other_id(1, RandomPurpose::shuffle, 3);
  CHECK(a.key() == b.key());
  for (int i = 0; i < 10; ++i) CHECK(a.next_u32() == b.next_u32());
  CHECK(a.key() != other_seed.key());
  CHECK(a.key() != other_purpose.key());
  CHECK(a.key() != other_id.key());
}

TEST_CASE("uniform and normal numbers have the moments they should") {
  RandomStream random(7, RandomPurpose::user, 0);
  constexpr int kCount = 200000;
  double mean = 0;
  double squares = 0;
  double uniform = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = random.next_normal();
    mean += x;
    squares += x * x;
    const float u = random.next_uniform();
    REQUIRE(u >= 0.0f);
    REQUIRE(u < 1.0f);
    uniform += u;
  }
  CHECK(std::fabs(mean / kCount) < 0.01);
  CHECK(std::fabs(squares / kCount - 1.0) < 0.02);
  CHECK(std::fabs(uniform / kCount - 0.5) < 0.005);
}

TEST_CASE("truncated normals stay within two deviations and have deviation 0.88") {
  RandomStream random(7, RandomPurpose::user, 1);
  double squares = 0;
  for (int i = 0; i < 100000; ++i) {
    const double x = random.next_truncated_normal();
    REQUIRE(std::fabs(x) <= 2.0);
    squares += x * x;
  }
  CHECK(std::sqrt(squares / 100000) == Approx(0.8796).epsilon(0.01));
}

TEST_CASE("gamma and beta numbers have the moments they should") {
  constexpr int kCount = 100000;
  for (const double shape : {0.3, 1.0, 4.5}) {
    RandomStream random(11, RandomPurpose::user, 2);
    double mean = 0, squares = 0, beta = 0, beta_squares = 0;
    for (int i = 0; i < kCount; ++i) {
      const double x = random.next_gamma(shape);
      REQUIRE(x >= 0.0);
      mean += x / kCount;
      squares += x * x / kCount;
      const double b = random.next_beta(shape, 2 * shape);
      REQUIRE(b >= 0.0);
      REQUIRE(b <= 1.0);
      beta += b / kCount;
      beta_squares += b * b / kCount;
    }
    CAPTURE(shape);
    CHECK(mean == Approx(shape).epsilon(0.02));
    CHECK(squares - mean * mean == Approx(shape).epsilon(0.05));
    CHECK(beta == Approx(1.0 / 3.0).epsilon(0.02));
    CHECK(beta_squares - beta * beta == Approx(2.0 / 9.0 / (3 * shape + 1)).epsilon(0.05));
  }
}

TEST_CASE("beta numbers of tiny parameters lie at both ends, not in between and not nowhere") {
  RandomStream random(11, RandomPurpose::user, 3);
  int low = 0, high = 0;
  for (int i = 0; i < 2000; ++i) {
    const double x = random.next_beta(1e-3, 1e-3);
    low += x < 0.01;
    high += x > 0.99;
  }
  CHECK(low + high > 1950);
  CHECK(std::abs(low - high) < 250);
}

TEST_CASE("next_below is even over its range") {
  RandomStream random(3, RandomPurpose::user, 0);
  int counts[7] = {};
  for (int i = 0; i < 70000; ++i) ++counts[random.next_below(7)];
  for (const int count : counts) CHECK(std::abs(count - 10000) < 500);
}

TEST_CASE("a random permutation holds every number once and differs between epochs") {
  const auto first = mien::random_permutation(1000, RandomStream(0, RandomPurpose::shuffle, 0));
  const auto second = mien::random_permutation(1000, RandomStream(0, RandomPurpose::shuffle, 1));
  CHECK(first != second);
  auto sorted = first;
  std::sort(sorted.begin(), sorted.end());
  for (std::uint32_t i = 0; i < 1000; ++i) REQUIRE(sorted[i] == i);
}
