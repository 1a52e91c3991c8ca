#include "mien/model/reach.hpp"

#include <algorithm>

#include "mien/core/error.hpp"
#include "mien/infer/session.hpp"
#include "mien/nn/initialize.hpp"
#include "mien/nn/network.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using mien::Index;
using namespace mien::model;

namespace {

Reach reach(const std::string& text) {
  return reach_of(plan(ModelSpec::from_text(text)));
}

std::string refusal(const std::string& text) {
  return mien::test::error_of<mien::ArgumentError>([&] { (void)reach(text); });
}

// The outputs of a network of random weights for a picture of noise, `pixel` of whose diagonal is changed.
std::vector<float> outputs(ModelFile& model, Index edge, Index pixel) {
  mien::infer::Session session(model);
  std::vector<float> x(static_cast<std::size_t>(edge * edge));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
  x[static_cast<std::size_t>(pixel * edge + pixel)] += 20;
  std::vector<float> y(static_cast<std::size_t>(session.output_shapes()[0].size()));
  float* const to[] = {y.data()};
  session.outputs(to, x.data(), 1);
  return y;
}

}  // namespace

TEST_CASE("the reach of windows, one after the other and side by side") {
  CHECK(reach("input 1 32 32 | conv 2 3") == Reach{1, 1, 1});
  CHECK(reach("input 1 32 32 | conv 2 3x7 valid") == Reach{0, 6, 1});
  CHECK(reach("input 1 32 32 | conv 2 3 stride 2") == Reach{0, 2, 2});
  CHECK(reach("input 1 32 32 | conv 2 3 pad 1 stride 2 | batchnorm | relu | dwconv 5 | maxpool 2 2") ==
        Reach{5, 7, 4});
  CHECK(reach("input 1 32 32 | conv 2 3 pad 1 stride 2 as a | conv 2 3 | add a | relu | conv 2 1") ==
        Reach{3, 3, 2});
  CHECK(reach("input 1 32 32 | avgpool 2 2 as a | avgpool 2 2 | upsample | concat a") == Reach{2, 3, 4});
  CHECK(reach("input 1 30 30 | avgpool 2 2 | avgpool 3 3") == Reach{0, 5, 6});
}

TEST_CASE("no value changes beyond a network's reach, and some do at its ends") {
  constexpr Index kEdge = 64, kStep = 4;
  ModelFile model;
  model.name = "test";
  model.spec = ModelSpec::from_text(
      "input 1 64 64 | conv 4 3 pad 1 stride 2 | silu | conv 4 3 stride 2 as a | dwconv 3 stride 2 | conv 4 3 "
      "| "
      "upsample | add a | conv 1 3");
  mien::nn::Network network = mien::nn::build(model.spec);
  mien::nn::initialize(network, mien::nn::Scheme::he, 1);
  for (const auto* p : network.parameters()) model.weights.push_back({p->name, p->value});
  const Reach reach = reach_of(plan(model.spec));
  CHECK(reach.period == 8);
  constexpr Index kNobody = 0;
  const std::vector<float> before = outputs(model, kEdge, kNobody);
  Index most_before = 0, most_after = 0;
  for (Index pixel = 24; pixel < 40; ++pixel) {
    const std::vector<float> after = outputs(model, kEdge, pixel);
    for (Index i = 0; i < kEdge / kStep; ++i) {
      const auto at = static_cast<std::size_t>(i * (kEdge / kStep) + i);
      if (i * kStep < 20 || after[at] == before[at]) continue;  // what pixel 0 changes lies before
      most_before = std::max(most_before, i * kStep - pixel);
      most_after = std::max(most_after, pixel - i * kStep);
    }
  }
  CHECK(most_before == reach.before);
  CHECK(most_after <= reach.after);
}

TEST_CASE("networks that look at the whole picture have no reach") {
  CHECK(refusal("input 1 8 8 | conv 4 3 as a | globalpool | dense 4 | gate a") ==
        "[globalpool1] looks at the whole picture, and not around a place");
  CHECK(refusal("input 1 8 8 | conv 4 3 | dense 4") ==
        "[dense1] looks at the whole picture, and not around a place");
  CHECK(refusal("input 1 8 8 | maxpool 1 255 same | maxpool 1 255 same | maxpool 1 255 same") ==
        "[maxpool3] looks farther than 65536 pixels");
}
