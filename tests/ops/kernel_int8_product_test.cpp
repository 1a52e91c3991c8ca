// Products of bytes, and floats as levels.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "support/compare.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

template <typename Byte>
std::vector<Byte> bytes(Index count, unsigned seed, int low, int high) {
  return converted<Byte>(integers(count, seed, low, high));
}

float place_of(std::int32_t value) {
  float place;
  std::memcpy(&place, &value, sizeof(place));
  return place;
}

std::vector<std::int32_t> integers_in(const std::vector<float>& places) {
  std::vector<std::int32_t> values(places.size());
  std::memcpy(values.data(), places.data(), places.size() * sizeof(float));
  return values;
}

// c[m][n] of rows ldc apart, what lies between them as it was.
void multiply(std::vector<std::int32_t>& c, Index ldc, const std::vector<std::uint8_t>& a, Index lda,
              const std::vector<std::int8_t>& b, Index ldb, const GemmCase& size, bool add) {
  for (Index i = 0; i < size.m; ++i) {
    for (Index j = 0; j < size.n; ++j) {
      std::int32_t& sum = c[static_cast<std::size_t>(i * ldc + j)];
      if (!add) sum = 0;
      for (Index k = 0; k < size.k; ++k) {
        sum +=
            std::int32_t{a[static_cast<std::size_t>(i * lda + k)]} * b[static_cast<std::size_t>(k * ldb + j)];
      }
    }
  }
}

void check_product(const Int8Products& products, const GemmCase& c, bool add) {
  CAPTURE(add);
  const Index lda = c.k + 3, ldb = c.n + 5, ldc = c.n + 2;
  const std::vector<std::uint8_t> a = bytes<std::uint8_t>(c.m * lda, 1, 0, 255);
  const std::vector<std::int8_t> b = bytes<std::int8_t>(c.k * ldb, 2, -127, 127);
  std::vector<std::int32_t> expected = bytes<std::int32_t>(c.m * ldc, 3, -1000, 1000);
  std::vector<float> sums(expected.size());
  std::transform(expected.begin(), expected.end(), sums.begin(), place_of);
  Guarded<float> left(products.packed_left_size(c.m, c.k)), right(products.packed_right_size(c.k, c.n));
  Guarded<float> actual(sums);
  products.pack_left(left.data(), a.data(), lda, c.m, c.k);
  const NextRight now{b.data(), ldb, c.k, c.n, right.data()};
  products.right.pack(now);
  // Another shape than the product at hand: more than its gaps hold, and with odd edges.
  for (const Index next_k : {Index{0}, c.k, Index{2 * c.k + 4}}) {
    for (const Index next_n : {c.n, Index{64}}) {
      CAPTURE(next_k, next_n);
      const std::vector<std::int8_t> next = bytes<std::int8_t>(next_k * (next_n + 2), 5, -127, 127);
      const Index size = products.packed_right_size(next_k, next_n);
      Guarded<float> wanted(size), got(size);
      products.right.pack({next.data(), next_n + 2, next_k, next_n, wanted.data()});
      Guarded<float> again(sums);
      products.right.product(again.data(), ldc, left.data(), right.data(), c.m, c.n, c.k, add,
                             {next.data(), next_n + 2, next_k, next_n, got.data()});
      CHECK(got.intact());
      CHECK(std::memcmp(got.data(), wanted.data(), static_cast<std::size_t>(size) * sizeof(float)) == 0);
      CHECK(again.intact());
      std::memcpy(actual.data(), again.data(), sums.size() * sizeof(float));
    }
  }
  multiply(expected, ldc, a, lda, b, ldb, c, add);
  CHECK(left.intact());
  CHECK(right.intact());
  CHECK(actual.intact());
  CHECK(integers_in(actual.values()) == expected);
}

TEST_CASE("products of bytes are exact for every instruction set") {
  for_each_isa([](const KernelTable& table) {
    for (const GemmCase& c : gemm_cases()) {
      if (c.size != CaseSize::small && c.k > 300) continue;
      INFO(describe(c));
      for (const bool add : {false, true}) check_product(table.int8, c, add);
    }
  });
}

TEST_CASE("the largest bytes fit their sums, for every instruction set") {
  for_each_isa([](const KernelTable& table) {
    const Index k = Int8Products::kMost;
    const std::vector<std::uint8_t> a(static_cast<std::size_t>(k), 255);
    for (const int value : {127, -127}) {
      const std::vector<std::int8_t> b(static_cast<std::size_t>(k), static_cast<std::int8_t>(value));
      std::vector<float> left(static_cast<std::size_t>(table.int8.packed_left_size(1, k)));
      std::vector<float> right(static_cast<std::size_t>(table.int8.packed_right_size(k, 1)));
      std::vector<float> sum(1);
      table.int8.pack_left(left.data(), a.data(), k, 1, k);
      table.int8.right.pack({b.data(), 1, k, 1, right.data()});
      table.int8.right.product(sum.data(), 1, left.data(), right.data(), 1, 1, k, false,
                               {b.data(), 1, 0, 1, right.data()});
      CHECK(integers_in(sum)[0] == 255 * value * k);
    }
  });
}

struct Levels {
  std::vector<std::uint8_t> values;
  ByteLevels how;

  Levels(const KernelTable& table, const std::vector<float>& x) : values(x.size()) {
    Guarded<std::uint8_t> guarded(static_cast<Index>(x.size()));
    how = table.int8.to_levels(guarded.data(), x.data(), static_cast<Index>(x.size()));
    CHECK(guarded.intact());
    values = guarded.values();
  }
  double value(std::size_t i) const {
    return (values[i] - (how.has_sign ? kSignedZeroLevel : 0)) * double{how.scale};
  }
};

TEST_CASE("levels are the nearest there are, for every instruction set") {
  for_each_isa([](const KernelTable& table) {
    for (const Index n : {1, 3, 16, 17, 100, 1000}) {
      for (const bool has_sign : {false, true}) {
        for (const float size : {1e-20f, 1.0f, 3e38f}) {
          CAPTURE(n, has_sign, size);
          std::vector<float> x = reals(n, 1, size);
          x[0] = has_sign ? -size : size;
          for (float& value : x) value = has_sign ? value : std::abs(value);
          const Levels levels(table, x);
          CHECK(levels.how.has_sign == has_sign);
          CHECK(levels.values[0] == (has_sign ? 1 : 255));
          CHECK(levels.how.scale == size / (has_sign ? 127.0f : 255.0f));
          double worst = 0;
          for (std::size_t i = 0; i < x.size(); ++i) {
            worst = std::max(worst, std::abs(levels.value(i) - double{x[i]}) / double{levels.how.scale});
          }
          CHECK(worst <= 0.50002);
        }
      }
    }
  });
}

TEST_CASE("zeros and what is next to them become zero, what is not finite NaN, for every instruction set") {
  for_each_isa([](const KernelTable& table) {
    for (const float tiny : {0.0f, -0.0f, 1e-45f, -1e-38f}) {
      const Levels levels(table, std::vector<float>(20, tiny));
      CHECK(levels.how.scale == 0.0f);
      CHECK(levels.value(0) == 0.0);
      CHECK(levels.value(19) == 0.0);
    }
    for (const float spoiled :
         {std::nanf(""), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
      for (const std::size_t place : {std::size_t{0}, std::size_t{16}, std::size_t{18}}) {
        std::vector<float> x(19, 1.0f);
        x[place] = spoiled;
        CHECK(std::isnan(Levels(table, x).how.scale));
      }
    }
  });
}

TEST_CASE("sums of bytes become floats, for every instruction set") {
  for_each_isa([](const KernelTable& table) {
    const Index n = 37;
    const std::vector<float> scale = reals(n, 1), b = reals(n, 2);
    std::vector<float> sums(static_cast<std::size_t>(n)), columns(sums.size());
    for (Index i = 0; i < n; ++i) {
      sums[static_cast<std::size_t>(i)] = place_of(static_cast<std::int32_t>(40'000'001 * i));
      columns[static_cast<std::size_t>(i)] = place_of(static_cast<std::int32_t>(3 - 5 * i));
    }
    for (const int given : {0, 1, 2, 3, 4, 5, 6, 7}) {
      CAPTURE(given);
      const bool has_columns = (given & 1) != 0, has_scale = (given & 2) != 0, has_bias = (given & 4) != 0;
      std::vector<float> expected(sums.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto number = static_cast<std::int32_t>(i);
        const std::int32_t sum = 40'000'001 * number - (has_columns ? kSignedZeroLevel * (3 - 5 * number) : 0);
        const float both = has_scale ? 0.3f * scale[i] : 0.3f;
        // Volatile, or compilers for processors that can would round once for product and sum.
        const volatile float product = static_cast<float>(sum) * both;
        expected[i] = has_bias ? product + b[i] : product;
      }
      Guarded<float> y(n);
      table.int8.from_sums(y.data(), sums.data(), has_columns ? columns.data() : nullptr, 0.3f,
                           has_scale ? scale.data() : nullptr, has_bias ? b.data() : nullptr, n);
      CHECK(difference(y, expected) == "");
    }
  });
}

}  // namespace
