// Losses on the tape against their formulas in double precision: values, and gradients against central finite
// differences of the formula.
#include "mien/autograd/loss.hpp"

#include <cmath>
#include <functional>
#include <vector>

#include "mien/autograd/ops.hpp"
#include "mien/core/error.hpp"
#include "support/compare.hpp"

using mien::ArgumentError;
using mien::Index;
using mien::Tensor;
using namespace mien::autograd;
using mien::testing::difference;
using mien::testing::reals;
using mien::testing::Tolerance;

namespace {

constexpr Index kRows = 5, kClasses = 4;
using Rows = std::vector<double>;  // [kRows][kClasses]

std::size_t at(Index row, Index c) {
  return static_cast<std::size_t>(row * kClasses + c);
}

Rows softmax(const Rows& z, double temperature = 1) {
  Rows p(z.size());
  for (Index r = 0; r < kRows; ++r) {
    double sum = 0;
    for (Index c = 0; c < kClasses; ++c) sum += p[at(r, c)] = std::exp(z[at(r, c)] / temperature);
    for (Index c = 0; c < kClasses; ++c) p[at(r, c)] /= sum;
  }
  return p;
}

// What each row costs; a formula of z.
using RowLoss = std::function<double(const Rows& z, Index row)>;

struct Case {
  Rows targets;
  std::vector<float> class_weights;
  CrossEntropyOptions options;
};

Rows smoothed(const Case& c) {
  Rows t = c.targets;
  const double s = double{c.options.label_smoothing};
  for (double& share : t) share = (1 - s) * share + s / double{kClasses};
  return t;
}

double total(const Case& c, const RowLoss& loss, const Rows& z) {
  double sum = 0, weights = 0;
  for (Index r = 0; r < kRows; ++r) {
    double weight = c.class_weights.empty() ? 1 : 0;
    for (Index k = 0; k < kClasses && !c.class_weights.empty(); ++k) {
      weight += c.targets[at(r, k)] * double{c.class_weights[static_cast<std::size_t>(k)]};
    }
    sum += weight * loss(z, r);
    weights += weight;
  }
  return c.options.reduction == CrossEntropyOptions::Reduction::mean ? sum / weights : sum;
}

RowLoss cross_entropy(const Rows& t) {
  return [t](const Rows& z, Index r) {
    const Rows p = softmax(z);
    double loss = 0;
    for (Index c = 0; c < kClasses; ++c) loss -= t[at(r, c)] * std::log(p[at(r, c)]);
    return loss;
  };
}

// Label by label, as the loss of a mixture is defined.
RowLoss l2_svm(const Rows& t) {
  return [t](const Rows& z, Index r) {
    double loss = 0;
    for (Index label = 0; label < kClasses; ++label) {
      for (Index c = 0; c < kClasses; ++c) {
        const double sign = c == label ? 1 : -1;
        loss += t[at(r, label)] * std::pow(std::max(0.0, 1 - sign * z[at(r, c)]), 2);
      }
    }
    return loss;
  };
}

Tensor tensor(const Rows& rows) {
  return Tensor::from({kRows, kClasses}, std::vector<float>(rows.begin(), rows.end()));
}

Rows logits() {
  const std::vector<float> values = reals(kRows * kClasses, 1, 2.5f);
  return {values.begin(), values.end()};
}

Rows shares(unsigned seed) {
  const std::vector<float> values = reals(kRows * kClasses, seed, 2.0f);
  return softmax({values.begin(), values.end()});
}

Rows labels() {
  Rows t(static_cast<std::size_t>(kRows * kClasses));
  for (Index r = 0; r < kRows; ++r) t[at(r, r * 3 % kClasses)] = 1;
  return t;
}

std::vector<Case> cases() {
  using Options = CrossEntropyOptions;
  const std::vector<float> weights = {0.5f, 2.0f, 0.0f, 1.25f};
  std::vector<Case> all;
  for (const Rows& t : {labels(), shares(2)}) {
    for (const std::vector<float>& w : {std::vector<float>(), weights}) {
      for (const Options::Reduction reduction : {Options::Reduction::mean, Options::Reduction::sum}) {
        for (const float smoothing : {0.0f, 0.2f}) {
          all.push_back({t, w, {.reduction = reduction, .label_smoothing = smoothing}});
        }
      }
    }
  }
  return all;
}

void check(const std::function<Variable(const Variable&)>& loss,
           const std::function<double(const Rows&)>& formula) {
  const Rows z = logits();
  Tape tape;
  const Variable x = tape.input(tensor(z));
  const Variable y = loss(x);
  CHECK(double{y.value().data()[0]} == Approx(formula(z)).epsilon(1e-5));
  tape.backward(scale(y, 1.5f));  // a gradient that arrives not being 1
  Rows expected(z.size());
  for (std::size_t i = 0; i < z.size(); ++i) {
    Rows above = z, below = z;
    above[i] += 1e-5;
    below[i] -= 1e-5;
    expected[i] = 1.5 * (formula(above) - formula(below)) / 2e-5;
  }
  const Tensor gradient = tape.gradient(x).materialize();
  CHECK(difference(std::vector<float>(gradient.values().begin(), gradient.values().end()), expected,
                   Tolerance{.absolute = 1e-5, .relative = 1e-5}) == "");
}

float value(const Variable& loss) {
  return loss.value().data()[0];
}

}  // namespace

TEST_CASE("cross-entropy of shares, smoothed and weighted, is its formula") {
  for (const Case& c : cases()) {
    CAPTURE(c.targets, c.class_weights, c.options.label_smoothing);
    check(
        [&](const Variable& x) {
          return softmax_cross_entropy(x, tensor(c.targets), c.options, c.class_weights);
        },
        [&](const Rows& z) { return total(c, cross_entropy(smoothed(c)), z); });
    if (c.options.label_smoothing != 0) continue;
    CrossEntropyOptions naive = c.options;
    naive.form = CrossEntropyOptions::Form::naive;
    check(
        [&](const Variable& x) { return softmax_cross_entropy(x, tensor(c.targets), naive, c.class_weights); },
        [&](const Rows& z) { return total(c, cross_entropy(c.targets), z); });
  }
}

TEST_CASE("the squared hinge loss of labels and of mixtures is its formula") {
  for (const Case& c : cases()) {
    CAPTURE(c.targets, c.class_weights, c.options.label_smoothing);
    check([&](const Variable& x) { return l2_svm_loss(x, tensor(c.targets), c.options, c.class_weights); },
          [&](const Rows& z) { return total(c, l2_svm(smoothed(c)), z); });
  }
}

TEST_CASE("distillation is T^2 times the divergence from the teacher at T") {
  using Reduction = CrossEntropyOptions::Reduction;
  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    for (const double temperature : {1.0, 4.0}) {
      const Rows q = shares(3);
      check(
          [&](const Variable& x) {
            return distillation_loss(x, tensor(q),
                                     {.temperature = static_cast<float>(temperature), .reduction = reduction});
          },
          [&](const Rows& z) {
            const Rows p = softmax(z, temperature);
            double sum = 0;
            for (std::size_t i = 0; i < p.size(); ++i) sum += q[i] * std::log(q[i] / p[i]);
            return temperature * temperature * sum / (reduction == Reduction::mean ? double{kRows} : 1);
          });
    }
  }
}

TEST_CASE("a student that says what its teacher says loses nothing; a certain teacher is a label") {
  const Rows z = logits();
  Tape tape;
  const Variable x = tape.input(tensor(z));
  CHECK(std::abs(value(distillation_loss(x, tensor(softmax(z, 4)), {.temperature = 4}))) < 1e-5f);
  CHECK(value(distillation_loss(x, tensor(labels()), {.temperature = 1})) ==
        Approx(value(softmax_cross_entropy(x, tensor(labels())))));
}

TEST_CASE("labels are shares of one class each, to the bit") {
  const std::vector<std::uint8_t> names = {0, 3, 2, 1, 0};
  const Tensor targets = one_hot(names, kClasses);
  for (Index r = 0; r < kRows; ++r) {
    for (Index c = 0; c < kClasses; ++c) {
      CHECK(targets.data()[at(r, c)] == (names[static_cast<std::size_t>(r)] == c ? 1.0f : 0.0f));
    }
  }
  const std::vector<float> weights = {0.5f, 2.0f, 0.0f, 1.25f};
  Tape tape;
  const Variable x = tape.input(tensor(logits()));
  const CrossEntropyOptions options{.label_smoothing = 0.1f};
  CHECK(value(softmax_cross_entropy(x, names, options, weights)) ==
        value(softmax_cross_entropy(x, targets, options, weights)));
}

TEST_CASE("losses pass on scores that are not finite, instead of hiding them") {
  for (const float bad : {std::nanf(""), HUGE_VALF}) {
    Tensor z = tensor(logits());
    z.mutable_data()[5] = bad;
    Tape tape;
    const Variable x = tape.input(z);
    CHECK(!std::isfinite(value(softmax_cross_entropy(x, tensor(labels())))));
    CHECK(!std::isfinite(value(l2_svm_loss(x, tensor(labels())))));
    CHECK(!std::isfinite(value(distillation_loss(x, tensor(labels())))));
  }
}

TEST_CASE("losses refuse what does not fit, and say why") {
  Tape tape;
  const Variable x = tape.input(Tensor({2, 3}));
  const auto rows = [](const std::vector<float>& values) { return Tensor::from({2, 3}, values); };
  const Tensor good = rows({1, 0, 0, 0.5f, 0.25f, 0.25f});
  const std::vector<float> two = {1, 1}, negative = {1, -1, 1}, none = {0, 0, 0};
  CHECK_THROWS_WITH(softmax_cross_entropy(x, Tensor({2, 4})),
                    "[softmax_cross_entropy] targets are 2x4, logits are 2x3");
  CHECK_THROWS_WITH(softmax_cross_entropy(x, rows({1, 0, 0, 0.5f, 0.25f, 0.2f})),
                    "[softmax_cross_entropy] targets in row 1 are no shares that sum to 1");
  CHECK_THROWS_WITH(l2_svm_loss(x, rows({2, -1, 0, 1, 0, 0})),
                    "[l2_svm_loss] targets in row 0 are no shares that sum to 1");
  CHECK_THROWS_AS(l2_svm_loss(x, rows({std::nanf(""), 0, 0, 1, 0, 0})), ArgumentError);
  CHECK_THROWS_WITH(softmax_cross_entropy(x, good, {}, two),
                    "[softmax_cross_entropy] 2 class weights for 3 classes");
  CHECK_THROWS_WITH(l2_svm_loss(x, good, {}, negative),
                    "[l2_svm_loss] class weights must be finite and not negative, got -1.000000");
  CHECK_THROWS_WITH(l2_svm_loss(x, good, {}, none), "[l2_svm_loss] the class weights of all rows are 0");
  CHECK_THROWS_WITH(l2_svm_loss(x, good, {.form = CrossEntropyOptions::Form::naive}),
                    "[l2_svm_loss] has no naive form");
  CHECK_THROWS_WITH(
      softmax_cross_entropy(x, good, {.form = CrossEntropyOptions::Form::naive, .label_smoothing = 0.1f}),
      "[softmax_cross_entropy] the naive form has no label smoothing");
  CHECK_THROWS_AS(softmax_cross_entropy(x, good, {.label_smoothing = 1.0f}), ArgumentError);
  CHECK_THROWS_WITH(distillation_loss(x, good, {.temperature = 0}),
                    "[distillation_loss] temperature must be above 0");
  CHECK_THROWS_WITH(distillation_loss(x, rows({1, 1, 0, 1, 0, 0})),
                    "[distillation_loss] teacher's probabilities in row 0 are no shares that sum to 1");
  const std::vector<std::uint8_t> label = {3};
  CHECK_THROWS_WITH(one_hot(label, 3), "[one_hot] label 3 of 3 classes");
}
