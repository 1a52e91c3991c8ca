// What an observer of operations sees.
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"
#include "support/compare.hpp"

namespace {

using namespace mien;

TEST_CASE("an observer sees each call with its extents until it is taken away") {
  struct Seen {
    std::string name;
    std::vector<kernels::Index> extents;
    double ms;
  };
  std::vector<Seen> seen;
  ops::observe_calls([&](const ops::TimedCall& call) {
    seen.push_back({call.name, {call.extents.begin(), call.extents.end()}, call.ms});
  });
  const std::vector<float> x(6, 1.0f), w(12, 1.0f);
  std::vector<float> y(8);
  ops::dense_forward(y.data(), x.data(), w.data(), nullptr, 2, 3, 4);
  ops::relu_forward(y.data(), y.data(), 8);
  ops::observe_calls({});
  ops::relu_forward(y.data(), y.data(), 8);

  REQUIRE(seen.size() == 2);
  CHECK(seen[0].name == "dense_forward");
  CHECK(seen[0].extents == std::vector<kernels::Index>{2, 3, 4});
  CHECK(seen[0].ms >= 0);
  CHECK(seen[1].name == "relu_forward");
  CHECK(seen[1].extents == std::vector<kernels::Index>{8});
}

}  // namespace
