#include "mien/core/tensor.hpp"

#include <array>
#include <memory>

#include "mien/core/error.hpp"
#include "mien/core/memory.hpp"
#include "support/catch.hpp"

using mien::ArgumentError;
using mien::Index;
using mien::Shape;
using mien::Tensor;

TEST_CASE("a shape multiplies its extents and prints them") {
  CHECK(Shape({50, 1, 48, 48}).size() == 115200);
  CHECK(Shape({50, 1, 48, 48}).to_string() == "50x1x48x48");
  CHECK(Shape().size() == 1);
  CHECK(Shape().to_string() == "scalar");
  CHECK(Shape({3, 0, 5}).size() == 0);
}

TEST_CASE("a shape refuses what cannot be a tensor") {
  CHECK_THROWS_AS(Shape({1, 2, 3, 4, 5, 6, 7}), ArgumentError);
  CHECK_THROWS_AS(Shape({-1}), ArgumentError);
  CHECK_THROWS_AS(Shape({Index{1} << 40, Index{1} << 40}), ArgumentError);
  CHECK_THROWS_AS(Shape({0, Index{1} << 40, Index{1} << 40}), ArgumentError);
  CHECK_THROWS_AS(Shape({2, 3})[2], ArgumentError);
}

TEST_CASE("copies of a tensor alias, clones do not") {
  Tensor a(Shape{2, 3});
  Tensor b = a;
  Tensor c = a.clone();
  a.mutable_data()[4] = 7.0f;
  CHECK(b.data()[4] == 7.0f);
  CHECK(c.data()[4] == 0.0f);
  const Tensor reshaped = a.reshape({6});
  CHECK(reshaped.data() == a.data());
  CHECK(reshaped.shape() == Shape{6});
  CHECK_THROWS_AS(a.reshape({5}), ArgumentError);
  CHECK_THROWS_AS(Tensor().reshape({1}), ArgumentError);
}

TEST_CASE("a tensor that aliases memory keeps its owner alive") {
  auto owner = std::make_shared<std::array<float, 3>>(std::array<float, 3>{1, 2, 3});
  float* values = owner->data();
  const std::weak_ptr<std::array<float, 3>> watch = owner;
  Tensor a = Tensor::alias({3}, values, std::move(owner));
  Tensor b = a;
  CHECK(b.data() == values);
  CHECK(a.clone().data() != values);
  a = Tensor();
  CHECK_FALSE(watch.expired());
  CHECK(b.data()[2] == 3.0f);
  CHECK(b.reshape({3, 1}).data() == values);
  b = Tensor();
  CHECK(watch.expired());
}

TEST_CASE("from and copy_from check sizes") {
  const std::array<float, 3> values{1, 2, 3};
  CHECK(Tensor::from({3}, values).data()[2] == 3.0f);
  CHECK_THROWS_AS(Tensor::from({4}, values), ArgumentError);
  Tensor a(Shape{3});
  a.copy_from(Tensor::from({3}, values));
  CHECK(a.data()[1] == 2.0f);
  CHECK_THROWS_AS(a.copy_from(Tensor(Shape{1, 3})), ArgumentError);
}

TEST_CASE("storage is aligned, and comes back to the next tensor of its size") {
#if !defined(MIEN_SANITIZE)
  { const Tensor warm(Shape{12345}); }
  const auto before = mien::memory_statistics();
  for (int i = 0; i < 100; ++i) {
    const Tensor again(Shape{12345});
    CHECK(reinterpret_cast<std::uintptr_t>(again.data()) % 64 == 0);
  }
  CHECK(mien::memory_statistics().system_allocations == before.system_allocations);
  CHECK(mien::memory_statistics().live_bytes == before.live_bytes);
#endif
}

TEST_CASE("giving cached memory back leaves nothing cached") {
  { const Tensor some(Shape{1000}); }
  mien::release_cached_memory();
  CHECK(mien::memory_statistics().cached_bytes == 0);
}
