// The tape itself, and every operation's gradients on it against finite differences. The kernels behind
// them are compared with a double-precision reference elsewhere; here it is the wiring that is tested:
// which tensor goes where, what is summed, what is freed.
#include "mien/autograd/tape.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mien/autograd/ops.hpp"
#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/gradient_check.hpp"

using mien::ArgumentError;
using mien::Index;
using mien::Layout;
using mien::Padding;
using mien::Shape;
using mien::Tensor;
using namespace mien::autograd;
using mien::testing::check_gradients;
using mien::testing::Graph;
using mien::testing::separated;
using mien::testing::tape_gradients;
using mien::testing::values_and_gradients;

TEST_CASE("conv2d gradients on the tape") {
  for (const Padding padding : {Padding::same, Padding::valid}) {
    for (const Index stride : {1, 2}) {
      check_gradients(
          [=](Tape&, const std::vector<Variable>& v) {
            return conv2d(v[0], v[1], &v[2], {.stride = stride, .padding = padding});
          },
          {separated({2, 3, 5, 6}, 1), separated({4, 3, 3, 3}, 2), separated({4}, 3)});
    }
  }
  check_gradients([](Tape&, const std::vector<Variable>& v) { return conv2d(v[0], v[1], nullptr, {}); },
                  {separated({9, 1, 4, 4}, 1), separated({2, 1, 5, 5}, 2)});
}

TEST_CASE("a convolution that pools gives the bits of a convolution and a pooling") {
  const auto same = [](const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::equal(a.data(), a.data() + a.size(), b.data());
  };
  for (const Index channels : {1, 3, 7}) {  // one and three are convolved directly
    for (const bool relu : {false, true}) {
      for (const Index n : {1, 6}) {
        CAPTURE(channels, relu, n);
        const std::vector<Tensor> inputs = {separated({n, channels, 9, 11}, 1),
                                            separated({5, channels, 3, 3}, 2), separated({5}, 3)};
        const MaxPoolOptions pool{3, 2, Padding::same};
        const Graph fused = [&](Tape&, const std::vector<Variable>& v) {
          return conv2d(v[0], v[1], &v[2], {.relu = relu, .max_pool = pool});
        };
        const Graph apart = [&](Tape&, const std::vector<Variable>& v) {
          return max_pool2d(conv2d(v[0], v[1], &v[2], {.relu = relu}), pool);
        };
        const auto value = [&](const Graph& graph) {
          Tape tape;
          std::vector<Variable> v;
          for (const Tensor& input : inputs) v.push_back(tape.input(input));
          return graph(tape, v).value();
        };
        CHECK(same(value(fused), value(apart)));
        const std::vector<Tensor> a = tape_gradients(fused, inputs), b = tape_gradients(apart, inputs);
        for (std::size_t i = 0; i < a.size(); ++i) CHECK(same(a[i], b[i]));
      }
    }
  }
}

TEST_CASE("pooling gradients on the tape") {
  const auto max_pool = [](Tape&, const std::vector<Variable>& v) {
    return max_pool2d(v[0], {3, 2, Padding::same});
  };
  check_gradients(max_pool, {separated({2, 2, 5, 6}, 4)}, 2e-3);
  const auto avg_pool = [](Tape&, const std::vector<Variable>& v) {
    return avg_pool2d(v[0], 3, 2, Padding::same);
  };
  check_gradients(avg_pool, {separated({2, 2, 5, 6}, 4)});
  const auto global = [](Tape&, const std::vector<Variable>& v) { return global_avg_pool(v[0]); };
  check_gradients(global, {separated({2, 3, 4, 5}, 4)});
}

TEST_CASE("normalization gradients on the tape") {
  const auto lrn = [](Tape&, const std::vector<Variable>& v) {
    return local_response_norm(v[0], {.radius = 2, .bias = 1, .alpha = 0.5f, .beta = 0.75f});
  };
  check_gradients(lrn, {separated({2, 7, 2, 3}, 5)});
  const auto train = [](Tape&, const std::vector<Variable>& v) {
    Tensor mean;
    Tensor variance;
    return batch_norm_train(v[0], v[1], v[2], 1e-3f, mean, variance);
  };
  check_gradients(train, {separated({3, 2, 2, 3}, 6), separated({2}, 7), separated({2}, 8)}, 1e-2, 1e-2);
  check_gradients(train, {separated({6, 3}, 6), separated({3}, 7), separated({3}, 8)}, 1e-2, 1e-2);
  // With ReLU it is what the two are one after the other, bit for bit.
  const auto both = [](bool fused) {
    Tape tape;
    Tensor mean, variance;
    const std::vector<Variable> v = {tape.input(separated({3, 2, 4, 5}, 6)), tape.input(separated({2}, 7)),
                                     tape.input(separated({2}, 8))};
    const Variable normalized = batch_norm_train(v[0], v[1], v[2], 1e-3f, mean, variance, fused);
    const Variable y = fused ? normalized : relu(normalized);
    const Variable loss = softmax_cross_entropy(flatten(y), std::vector<std::uint8_t>{1, 0, 2});
    return values_and_gradients(tape, y, loss, v);
  };
  CHECK(both(true) == both(false));
  const Tensor mean = separated({2}, 9);
  const Tensor variance = Tensor::full({2}, 0.7f);
  const auto eval = [&](Tape&, const std::vector<Variable>& v) {
    return batch_norm_eval(v[0], v[1], v[2], 1e-3f, mean, variance);
  };
  check_gradients(eval, {separated({3, 2, 2, 3}, 6), separated({2}, 7), separated({2}, 8)});
}

TEST_CASE("dense, flatten and elementwise gradients on the tape") {
  check_gradients([](Tape&, const std::vector<Variable>& v) { return dense(v[0], v[1], &v[2]); },
                  {separated({3, 2, 2, 2}, 1), separated({8, 5}, 2), separated({5}, 3)});
  check_gradients([](Tape&, const std::vector<Variable>& v) { return dense(flatten(v[0]), v[1], nullptr); },
                  {separated({3, 2, 4}, 1), separated({8, 5}, 2)});
  const Layout last = Layout::channels_last;
  check_gradients(
      [&](Tape&, const std::vector<Variable>& v) { return dense(flatten(v[0], last), v[1], nullptr); },
      {separated({2, 16, 1, 3}, 1), separated({48, 5}, 2)});
  check_gradients([](Tape&, const std::vector<Variable>& v) { return relu(v[0]); }, {separated({5, 7}, 3)},
                  1e-3, 1e-2);
  check_gradients([](Tape&, const std::vector<Variable>& v) { return dropout(v[0], 0.4f, 99); },
                  {separated({5, 7}, 3)});
  check_gradients([](Tape&, const std::vector<Variable>& v) { return add(relu(v[0]), v[1]); },
                  {separated({5, 7}, 3), separated({5, 7}, 4)}, 1e-3, 1e-2);
  check_gradients([](Tape&, const std::vector<Variable>& v) { return scale(v[0], -0.3f); },
                  {separated({5, 7}, 3)});
  check_gradients([](Tape&, const std::vector<Variable>& v) { return sum(v[0]); }, {separated({5, 7}, 3)});
  check_gradients([](Tape&, const std::vector<Variable>& v) { return softmax(v[0]); }, {separated({5, 7}, 3)});
}

TEST_CASE("cross-entropy gradients on the tape, in every form") {
  const std::vector<std::uint8_t> labels{0, 3, 2, 2, 6};
  using Options = CrossEntropyOptions;
  for (const Options& options :
       {Options{}, Options{.reduction = Options::Reduction::sum}, Options{.label_smoothing = 0.2f},
        Options{.reduction = Options::Reduction::sum, .form = Options::Form::naive}}) {
    check_gradients(
        [&](Tape&, const std::vector<Variable>& v) { return softmax_cross_entropy(v[0], labels, options); },
        {separated({5, 7}, 3)});
  }
}

TEST_CASE("the naive loss breaks where the fused one does not") {
  const std::vector<float> far{0.0f, 200.0f};
  const std::vector<std::uint8_t> label{1};
  Tape tape;
  const Variable logits = tape.input(Tensor::from({1, 2}, far));
  CHECK(softmax_cross_entropy(logits, label).value().data()[0] == 0.0f);
  const CrossEntropyOptions naive{.form = CrossEntropyOptions::Form::naive};
  CHECK(std::isnan(softmax_cross_entropy(logits, label, naive).value().data()[0]));
  const std::vector<std::uint8_t> wrong{0};
  CHECK(softmax_cross_entropy(logits, wrong).value().data()[0] == 200.0f);
}

TEST_CASE("a value used twice gets the sum of both gradients, and its storage is not shared with either") {
  Tape tape;
  const Variable x = tape.input(Tensor::full({2}, 3.0f));
  const Variable y = add(x, x);  // two contributions that alias one gradient
  const Variable z = add(y, x);  // and a third
  tape.backward(sum(z));
  CHECK(tape.gradient(x).dense_values().data()[0] == 3.0f);
  CHECK(tape.gradient(x).dense_values().data()[1] == 3.0f);
}

TEST_CASE("gradients are added to what a parameter holds") {
  Parameter w{.name = "w", .value = Tensor::full({2, 2}, 1.0f), .trainable = true, .gradient = {}};
  for (int round = 1; round <= 2; ++round) {
    Tape tape;
    const Variable x = tape.constant(Tensor::full({1, 2}, 2.0f));
    tape.backward(sum(dense(x, tape.parameter(w), nullptr)));
    CHECK(w.gradient.is_product());
    CHECK(w.gradient.materialize().data()[3] == 2.0f * static_cast<float>(round));
  }
}

TEST_CASE("a weight used twice in one pass has one gradient of joined factors") {
  Parameter w{.name = "w", .value = separated({3, 3}, 1), .trainable = true, .gradient = {}};
  Tape tape;
  const Variable x = tape.constant(separated({2, 3}, 2));
  const Variable h = dense(x, tape.parameter(w), nullptr);
  tape.backward(sum(dense(h, tape.parameter(w), nullptr)));
  CHECK(w.gradient.is_product());
  CHECK(w.gradient.x().dim(0) == 4);
}

TEST_CASE("constants and parameters that are not trained get no gradient") {
  Parameter fixed{.name = "f", .value = Tensor::full({2}, 1.0f), .trainable = false, .gradient = {}};
  Tape tape;
  const Variable x = tape.input(Tensor::full({2}, 1.0f));
  tape.backward(sum(add(x, tape.parameter(fixed))));
  CHECK(fixed.gradient.empty());
  CHECK_THROWS_AS(tape.gradient(tape.constant(Tensor::full({1}, 1.0f))), ArgumentError);
}

TEST_CASE("backward refuses what is no loss") {
  Tape tape;
  const Variable x = tape.input(Tensor::full({2}, 1.0f));
  CHECK_THROWS_AS(tape.backward(x), ArgumentError);
  CHECK_THROWS_AS(tape.backward(sum(tape.constant(Tensor::full({2}, 1.0f)))), ArgumentError);
  Tape other;
  CHECK_THROWS_AS(other.backward(sum(x)), ArgumentError);
  CHECK_THROWS_AS(add(x, other.input(Tensor::full({2}, 1.0f))), ArgumentError);
}

TEST_CASE("a tape is walked once: gradients of a second walk would stop where the first has been") {
  Parameter w{.name = "w", .value = Tensor::full({2, 2}, 1.0f), .trainable = true, .gradient = {}};
  Tape tape;
  const Variable trunk = dense(tape.constant(Tensor::full({1, 2}, 2.0f)), tape.parameter(w), nullptr);
  const Variable first = sum(trunk);
  const Variable second = sum(relu(trunk));
  tape.backward(first);
  CHECK_THROWS_WITH(tape.backward(second), "[backward] this tape has been walked; record on a new one");
  CHECK(w.gradient.materialize().data()[0] == 2.0f);
}

TEST_CASE("a batch of no images keeps its shape, and has no mean") {
  Tape tape;
  const auto t = [&](const Shape& shape) { return tape.input(Tensor(shape)); };
  CHECK(flatten(t({0, 64, 3, 3})).shape() == Shape{0, 576});
  CHECK(dense(t({0, 64, 3, 3}), t({576, 2}), nullptr).shape() == Shape{0, 2});
  CHECK(conv2d(t({1, 16, 0, 48}), t({16, 16, 3, 3}), nullptr, {}).shape() == Shape{1, 16, 0, 48});
  Tensor mean, variance;
  CHECK_THROWS_WITH(batch_norm_train(t({0, 3}), t({3}), t({3}), 1e-5f, mean, variance),
                    "[batch_norm] nothing to take the mean of, input is 0x3");
  CHECK_THROWS_WITH(batch_norm_train(t({1, 3, 1, 1}), t({3}), t({3}), 1e-5f, mean, variance),
                    "[batch_norm] one value of each channel has no variance to train with, input is 1x3x1x1");
}

TEST_CASE("a gradient in factors agrees with its plain matrix") {
  const Tensor x = separated({6, 70}, 1);
  const Tensor d = separated({6, 9}, 2);
  const Gradient product = Gradient::product(x, d);
  const Tensor plain = product.materialize();
  double squares = 0;
  for (Index i = 0; i < 70; ++i) {
    for (Index j = 0; j < 9; ++j) {
      double g = 0;
      for (Index r = 0; r < 6; ++r) g += double{x.data()[r * 70 + i]} * double{d.data()[r * 9 + j]};
      REQUIRE(plain.data()[i * 9 + j] == Approx(g).margin(1e-6));
      squares += g * g;
    }
  }
  CHECK(product.squared_norm() == Approx(squares).epsilon(1e-5));
  CHECK(product.shape() == Shape{70, 9});
  Gradient sum = product;
  sum.add(Gradient::dense(Tensor::full({70, 9}, 1.0f)));
  CHECK(!sum.is_product());
  CHECK(sum.dense_values().data()[0] == Approx(plain.data()[0] + 1.0f));
  CHECK_THROWS_AS(sum.add(Gradient::dense(Tensor(Shape{2}))), ArgumentError);
  CHECK_THROWS_AS(Gradient::product(x, separated({5, 9}, 2)), ArgumentError);
  CHECK_THROWS_AS(product.dense_values(), ArgumentError);
}

TEST_CASE("one bad number in either factor makes a product unusable") {
  for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    for (const bool in_x : {true, false}) {
      Tensor x = separated({3, 5}, 1);
      Tensor d = Tensor(Shape{3, 4});  // zeros: 0 * infinity must not pass for 0
      (in_x ? x : d).mutable_data()[7] = bad;
      CHECK(!Gradient::product(x, d).is_usable());
      CHECK(Gradient::product(separated({3, 5}, 1), separated({3, 4}, 2)).is_usable());
    }
  }
}

TEST_CASE("a gradient whose square is no float is unusable") {
  const Tensor x = Tensor::full({50, 1}, 1.8e19f);
  CHECK(!Gradient::product(x, x).is_usable());
  CHECK(!Gradient::product(x, Tensor::full({50, 1}, 0.01f)).is_usable());
  CHECK(Gradient::product(x, Tensor::full({50, 1}, 0.001f)).is_usable());
  // The bound of the factors is far above what the product comes to.
  Tensor first(Shape{2, 1}), second(Shape{2, 1});
  first.mutable_data()[0] = second.mutable_data()[1] = 1e12f;
  CHECK(Gradient::product(first, second).is_usable());
  CHECK(Gradient::dense(Tensor::full({3}, 1e17f)).is_usable());
  for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF, 1.1e18f}) {
    Tensor values = Tensor::full({40}, 1.0f);
    values.mutable_data()[39] = bad;
    CHECK(!Gradient::dense(values).is_usable());
  }
}

TEST_CASE("operations refuse shapes that do not fit, and say why") {
  Tape tape;
  const auto t = [&](const Shape& shape) { return tape.input(Tensor(shape)); };
  CHECK_THROWS_WITH(conv2d(t({1, 1, 8, 8}), t({2, 3, 3, 3}), nullptr, {}),
                    "[conv2d] weight expects 3 channels, input has 1");
  CHECK_THROWS_WITH(dense(t({2, 5}), t({6, 3}), nullptr), "[dense] weight expects 6 inputs, input has 5");
  CHECK_THROWS_WITH(add(t({2}), t({3})), "[add] shapes differ: 2 and 3");
  CHECK_THROWS_WITH(max_pool2d(t({2, 2}), {3, 2, Padding::same}),
                    "[max_pool2d] expects images N x C x H x W, input is 2x2");
  CHECK_THROWS_AS(dropout(t({2}), 1.0f, 0), ArgumentError);
  CHECK_THROWS_WITH(local_response_norm(t({1, 2, 4, 4}), {.radius = -1, .bias = 1, .alpha = 1, .beta = 0.75f}),
                    "[local_response_norm] the radius must be at least 0, got -1");
  const std::vector<std::uint8_t> labels{7};
  CHECK_THROWS_WITH(softmax_cross_entropy(t({1, 7}), labels), "[softmax_cross_entropy] label 7 of 7 classes");
}
