#include "mien/core/parallel.hpp"

#include <atomic>
#include <stdexcept>
#include <vector>

#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/thread_count_guard.hpp"

using mien::test::ThreadCountGuard;

TEST_CASE("every chunk runs once, with any number of threads") {
  const ThreadCountGuard guard;
  for (const int threads : {1, 2, 3, 8}) {
    mien::set_thread_count(threads);
    CHECK(mien::thread_count() == threads);
    for (const mien::Index count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(count));
      mien::parallel_for(count, [&](mien::Index i) { ++runs[static_cast<std::size_t>(i)]; });
      for (const auto& run : runs) REQUIRE(run.load() == 1);
    }
  }
}

TEST_CASE("ranges cover everything without overlap") {
  std::vector<std::atomic<int>> hits(103);
  std::atomic<int> too_long{0};  // Catch2 counts assertions of one thread only
  mien::parallel_for_ranges(103, 10, [&](mien::Index begin, mien::Index end) {
    too_long += end - begin > 10;
    for (mien::Index i = begin; i < end; ++i) ++hits[static_cast<std::size_t>(i)];
  });
  CHECK(too_long == 0);
  for (const auto& hit : hits) REQUIRE(hit.load() == 1);
}

TEST_CASE("an exception in a chunk reaches the caller, and the pool goes on") {
  const ThreadCountGuard guard;
  for (const int threads : {1, 4}) {
    mien::set_thread_count(threads);
    CHECK_THROWS_AS(mien::parallel_for(100,
                                       [](mien::Index i) {
                                         if (i == 57) throw std::runtime_error("57");
                                       }),
                    std::runtime_error);
    std::atomic<int> runs{0};
    mien::parallel_for(10, [&](mien::Index) { ++runs; });
    CHECK(runs == 10);
  }
}

TEST_CASE("nested parallel work runs on the calling thread") {
  const ThreadCountGuard guard;
  mien::set_thread_count(4);
  std::atomic<int> runs{0};
  mien::parallel_for(8, [&](mien::Index) { mien::parallel_for(8, [&](mien::Index) { ++runs; }); });
  CHECK(runs == 64);
}

TEST_CASE("the number of threads is not changed from inside parallel work") {
  const ThreadCountGuard guard;
  mien::set_thread_count(2);
  CHECK_THROWS_AS(mien::parallel_for(8, [](mien::Index) { mien::set_thread_count(3); }), mien::ArgumentError);
  CHECK(mien::thread_count() == 2);
}

TEST_CASE("thread counts out of range are refused") {
  CHECK_THROWS_AS(mien::set_thread_count(-1), mien::ArgumentError);
  CHECK_THROWS_AS(mien::set_thread_count(1025), mien::ArgumentError);
}
