// Operations of the less common layers on the tape: gradients against finite differences, and what is refused.
#include <vector>

#include "mien/autograd/ops.hpp"
#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/gradient_check.hpp"

using mien::ArgumentError;
using mien::Index;
using mien::Padding;
using mien::Shape;
using mien::Tensor;
using namespace mien::autograd;
using mien::testing::check_gradients;
using mien::testing::separated;
using mien::testing::values_and_gradients;
using Variables = std::vector<Variable>;

TEST_CASE("depthwise_conv2d gradients on the tape") {
  for (const Padding padding : {Padding::same, Padding::valid}) {
    for (const Index stride : {1, 2}) {
      for (const Index kernel : {3, 5}) {
        check_gradients(
            [=](Tape&, const Variables& v) {
              return depthwise_conv2d(v[0], v[1], &v[2], {.stride = stride, .padding = padding});
            },
            {separated({2, 3, 5, 6}, 1), separated({3, 1, kernel, kernel}, 2), separated({3}, 3)});
      }
    }
  }
  check_gradients([](Tape&, const Variables& v) { return depthwise_conv2d(v[0], v[1], nullptr, {}); },
                  {separated({3, 2, 4, 4}, 1), separated({2, 1, 3, 3}, 2)});
}

TEST_CASE("a depthwise convolution with relu gives the bits of the two, and their gradients") {
  const auto run = [](bool fused) {
    Tape tape;
    const Variables v = {tape.input(separated({3, 2, 5, 6}, 1)), tape.input(separated({2, 1, 3, 3}, 2)),
                         tape.input(separated({2}, 3))};
    const Variable convolved = depthwise_conv2d(v[0], v[1], &v[2], {.relu = fused});
    const Variable y = fused ? convolved : relu(convolved);
    const Variable loss = softmax_cross_entropy(flatten(y), std::vector<std::uint8_t>{1, 0, 2});
    return values_and_gradients(tape, y, loss, v);
  };
  CHECK(run(true) == run(false));
}

TEST_CASE("depthwise_conv2d of no images, and of images without pixels") {
  Tape tape;
  const auto t = [&](const Shape& shape) { return tape.input(Tensor(shape)); };
  const Variable w = t({3, 1, 3, 3});
  const Variable y = depthwise_conv2d(t({0, 3, 5, 5}), w, nullptr, {});
  CHECK(y.shape() == Shape{0, 3, 5, 5});
  CHECK(depthwise_conv2d(t({2, 3, 0, 5}), w, nullptr, {.stride = 2}).shape() == Shape{2, 3, 0, 3});
  tape.backward(sum(y));
  CHECK(tape.gradient(w).materialize().data()[8] == 0.0f);
}

TEST_CASE("depthwise_conv2d refuses shapes that do not fit, and says why") {
  Tape tape;
  const auto t = [&](const Shape& shape) { return tape.input(Tensor(shape)); };
  const auto refused = [&](const Shape& x, const Shape& w) {
    try {
      depthwise_conv2d(t(x), t(w), nullptr, {.padding = Padding::valid});
    } catch (const ArgumentError& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  CHECK(refused({1, 9}, {9, 1, 3, 3}) == "[depthwise_conv2d] expects images N x C x H x W, input is 1x9");
  CHECK(refused({1, 2, 8, 8}, {2, 2, 3, 3}) ==
        "[depthwise_conv2d] weight expects shape C x 1 x K x K, got 2x2x3x3");
  CHECK(refused({1, 2, 8, 8}, {2, 1, 3, 5}) ==
        "[depthwise_conv2d] weight expects shape C x 1 x K x K, got 2x1x3x5");
  CHECK(refused({1, 2, 8, 8}, {3, 1, 3, 3}) == "[depthwise_conv2d] weight expects 3 channels, input has 2");
  CHECK(refused({1, 2, 40, 40}, {2, 1, 17, 17}) == "[depthwise_conv2d] filter edge must be 1 to 15, got 17");
  CHECK(refused({1, 2, 2, 8}, {2, 1, 3, 3}) ==
        "[depthwise_conv2d] a window of 3 does not fit 2 rows or columns");
  const Variable b = t({3});
  CHECK_THROWS_WITH(depthwise_conv2d(t({1, 2, 8, 8}), t({2, 1, 3, 3}), &b, {}),
                    "[depthwise_conv2d] bias expects shape 2, got 3");
}

TEST_CASE("activation gradients on the tape") {
  using Activate = Variable (*)(const Variable&);
  Tensor x = separated({5, 7}, 3);
  for (Index i = 0; i < x.size(); ++i) x.mutable_data()[i] *= 5.0f;  // beyond hswish's bends, and not on one
  for (const Activate activate : {Activate{sigmoid}, Activate{hswish}, Activate{silu}}) {
    check_gradients([=](Tape&, const Variables& v) { return activate(v[0]); }, {x});
  }
  check_gradients([](Tape&, const Variables& v) { return leaky_relu(v[0], 0.2f); }, {x});
}

TEST_CASE("prelu gradients on the tape, its slopes' too") {
  const auto graph = [](Tape&, const Variables& v) { return prelu(v[0], v[1]); };
  check_gradients(graph, {separated({3, 2, 4, 5}, 1), separated({2}, 2)}, 1e-3, 1e-2);
  check_gradients(graph, {separated({6, 3}, 1), separated({3}, 2)}, 1e-3, 1e-2);
  Tape tape;
  const auto t = [&](const Shape& shape) { return tape.input(Tensor(shape)); };
  CHECK_THROWS_WITH(prelu(t({2, 3, 4}), t({3})), "[prelu] expects N x C x H x W or N x C, input is 2x3x4");
  CHECK_THROWS_WITH(prelu(t({2, 3}), t({2})), "[prelu] slopes expects shape 3, got 2");
}

TEST_CASE("gradients of sums, gates, joins and upsampling on the tape") {
  check_gradients([](Tape&, const Variables& v) { return add(v[0], v[1], true); },
                  {separated({5, 7}, 3), separated({5, 7}, 4)}, 1e-3, 1e-2);
  check_gradients([](Tape&, const Variables& v) { return gate(v[0], v[1]); },
                  {separated({2, 3, 4, 5}, 1), separated({2, 3}, 2)});
  check_gradients([](Tape&, const Variables& v) { return concat(v); },
                  {separated({2, 3, 4, 5}, 1), separated({2, 1, 4, 5}, 2), separated({2, 2, 4, 5}, 3)});
  check_gradients([](Tape&, const Variables& v) { return concat(v); },
                  {separated({3, 4}, 1), separated({3, 2}, 2)});
  check_gradients([](Tape&, const Variables& v) { return upsample2x(v[0]); }, {separated({2, 3, 4, 5}, 1)});
  // Squeeze-and-excite: the gates come from what they act on.
  check_gradients(
      [](Tape&, const Variables& v) {
        return gate(v[0], sigmoid(dense(global_avg_pool(v[0]), v[1], nullptr)));
      },
      {separated({2, 3, 4, 5}, 1), separated({3, 3}, 2)});
}

TEST_CASE("a sum with relu gives the bits of the two, and gradients that share nothing they change") {
  const auto run = [](bool fused) {
    Tape tape;
    const Variable a = tape.input(separated({3, 5}, 1)), b = tape.input(separated({3, 5}, 2));
    const Variable half = scale(a, 0.5f);
    const Variable y = fused ? add(a, b, true) : relu(add(a, b));
    // a gets its gradient of `half` last: b's, which came from the same tensor as its first, has to stay as it
    // is.
    return values_and_gradients(tape, y, sum(add(y, half)), {a, b});
  };
  const std::vector<float> fused = run(true);
  CHECK(fused == run(false));
  for (std::size_t i = 0; i < 15; ++i) {
    CHECK(fused[15 + i] == fused[30 + i] + 0.5f);
    CHECK(fused[30 + i] == (fused[i] > 0.0f ? 1.0f : 0.0f));
  }
}

TEST_CASE("a join of constants and what is learned computes the gradients that are needed") {
  Tape tape;
  const Variable learned = tape.input(separated({2, 3}, 1)), constant = tape.constant(separated({2, 2}, 2));
  tape.backward(sum(concat(Variables{constant, learned, learned})));
  CHECK(tape.gradient(learned).dense_values().data()[5] == 2.0f);
}

TEST_CASE("joins refuse shapes that do not fit, and say why") {
  Tape tape;
  const auto t = [&](const Shape& shape) { return tape.input(Tensor(shape)); };
  CHECK_THROWS_WITH(gate(t({2, 3, 4, 4}), t({2, 4})), "[gate] expects gates of shape 2x3, got 2x4");
  CHECK_THROWS_WITH(gate(t({2, 3}), t({2, 3})), "[gate] expects images N x C x H x W, input is 2x3");
  CHECK_THROWS_WITH(concat(Variables{}), "[concat] nothing to join");
  CHECK_THROWS_WITH(concat(Variables{t({4})}), "[concat] expects N x C ..., input is 4");
  CHECK_THROWS_WITH(concat(Variables{t({2, 3, 4, 4}), t({2, 3, 4, 5})}),
                    "[concat] cannot join 2x3x4x5 to 2x3x4x4");
  CHECK_THROWS_WITH(concat(Variables{t({2, 3, 4, 4}), t({2, 3})}), "[concat] cannot join 2x3 to 2x3x4x4");
  CHECK_THROWS_WITH(upsample2x(t({2, 3})), "[upsample2x] expects images N x C x H x W, input is 2x3");
  CHECK(concat(Variables{t({0, 3, 4, 4}), t({0, 1, 4, 4})}).shape() == Shape{0, 4, 4, 4});
}
