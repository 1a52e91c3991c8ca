#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/reference.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

constexpr Tolerance kRounding{1e-7, 1e-6};

struct State {
  std::vector<float> w, first, second, g;
};

State state(Index n) {
  State s{reals(n, 1), reals(n, 2, 0.1f), reals(n, 3, 0.01f), reals(n, 4)};
  for (float& v : s.second) v = std::abs(v);
  return s;
}

const std::vector<AdamParameters> kAdamVariants = {
    {0.9f, 0.999f, 1e-8f, 0.01f, 1.5f, 0.0f, 0.0f},    // plain
    {0.9f, 0.99f, 1e-3f, 0.01f, 31.6f, 0.05f, 0.0f},   // L2
    {0.8f, 0.999f, 1e-8f, 0.01f, 1.0f, 0.0f, 0.002f},  // decoupled
    {0.8f, 0.999f, 1e-8f, 0.01f, 1.0f, 0.5f, 0.002f},  // decoupled: weight_decay does not count
    {0.9f, 0.999f, 1e-8f, 0.0f, 1.5f, 0.0f, 0.0f},     // a learning rate of zero
};

TEST_CASE("adam equals the reference for every instruction set") {
  for (const LengthCase& c : length_cases()) {
    if (c.size == CaseSize::huge) continue;
    INFO(describe(c));
    const State s = state(c.n);
    const std::vector<double> g = converted<double>(s.g);
    for (std::size_t variant = 0; variant < kAdamVariants.size(); ++variant) {
      CAPTURE(variant);
      std::vector<double> w_expected = converted<double>(s.w);
      std::vector<double> m_expected = converted<double>(s.first);
      std::vector<double> v_expected = converted<double>(s.second);
      reference::adam(w_expected.data(), m_expected.data(), v_expected.data(), g.data(), c.n,
                      kAdamVariants[variant]);
      for_each_isa([&](const KernelTable& table) {
        Guarded<float> w(s.w), m(s.first), v(s.second);
        table.adam(w.data(), m.data(), v.data(), s.g.data(), c.n, kAdamVariants[variant]);
        CHECK(difference(w, w_expected, kRounding) == "");
        CHECK(difference(m, m_expected, kRounding) == "");
        CHECK(difference(v, v_expected, kRounding) == "");
      });
    }
  }
}

float expanded(std::uint16_t half) {
  return std::bit_cast<float>(std::uint32_t{half} << 16);
}

TEST_CASE("moments in bfloat16 are rounded to a neighbor of what they are, and right on average") {
  constexpr Index kCount = 64 * Dither::kSize;
  const AdamParameters p = kAdamVariants[0];
  // With m = v = 0, moments of 0.1 g and 0.001 g^2.
  const std::vector<float> g(kCount, 0.77f);
  const double m_exact = 0.77 * (1 - double{p.beta1}), v_exact = 0.77 * 0.77 * (1 - double{p.beta2});
  std::vector<std::uint16_t> noise;  // each value once in 16
  for (Index i = 0; i < Dither::kSize; ++i) noise.push_back(static_cast<std::uint16_t>(i * 16));
  for_each_isa([&](const KernelTable& table) {
    Guarded<float> w(std::vector<float>(kCount, 1.0f));
    const std::vector<std::uint16_t> zeros(kCount);
    Guarded<std::uint16_t> m(zeros), v(zeros);
    table.adam_half(w.data(), m.data(), v.data(), g.data(), kCount, p, {noise.data(), 5});
    double m_sum = 0, v_sum = 0, furthest = 0;
    for (Index i = 0; i < kCount; ++i) {
      m_sum += double{expanded(m.data()[i])};
      v_sum += double{expanded(v.data()[i])};
      furthest = std::max(furthest, std::abs(double{expanded(m.data()[i])} / m_exact - 1));
      furthest = std::max(furthest, std::abs(double{expanded(v.data()[i])} / v_exact - 1));
    }
    constexpr double kStep = 1.0 / 128;  // of bfloat16, at most
    CHECK(furthest <= kStep);
    CHECK(furthest >= kStep / 16);
    CHECK(std::abs(m_sum / kCount / m_exact - 1) <= kStep / 500);
    CHECK(std::abs(v_sum / kCount / v_exact - 1) <= kStep / 500);
    CHECK(m.intact());
    CHECK(v.intact());
  });
}

TEST_CASE("adam's first step moves each weight by the learning rate against its gradient's sign") {
  const float correction2 = 1.0f / std::sqrt(1.0f - 0.999f);
  const AdamParameters p{0.9f, 0.999f, 1e-8f, 0.1 / (1.0 - 0.9), correction2, 0.0f, 0.0f};
  const std::vector<float> g = {3.0f, -0.01f, 200.0f};
  for_each_isa([&](const KernelTable& table) {
    std::vector<float> w = {1.0f, 1.0f, 1.0f}, m(3), v(3);
    table.adam(w.data(), m.data(), v.data(), g.data(), 3, p);
    CHECK(difference(w, std::vector<float>{0.9f, 1.1f, 0.9f}, {1e-5, 0.0}) == "");
  });
}

TEST_CASE("sgd equals the reference for every instruction set") {
  const std::vector<SgdParameters> variants = {{0.1f, 0.0f, 0.0f, false},
                                               {0.1f, 0.9f, 0.0f, false},
                                               {0.1f, 0.9f, 0.01f, true},
                                               {0.1f, 0.0f, 0.5f, true}};
  for (const LengthCase& c : length_cases()) {
    if (c.size == CaseSize::huge) continue;
    INFO(describe(c));
    const State s = state(c.n);
    const std::vector<double> g = converted<double>(s.g);
    for (const SgdParameters& p : variants) {
      CAPTURE(p.momentum, p.weight_decay, p.nesterov);
      const bool has_velocity = p.momentum > 0.0f;
      std::vector<double> w_expected = converted<double>(s.w);
      std::vector<double> u_expected = converted<double>(s.first);
      reference::sgd(w_expected.data(), has_velocity ? u_expected.data() : nullptr, g.data(), c.n, p);
      for_each_isa([&](const KernelTable& table) {
        Guarded<float> w(s.w), u(s.first);
        table.sgd(w.data(), has_velocity ? u.data() : nullptr, s.g.data(), c.n, p);
        CHECK(difference(w, w_expected, kRounding) == "");
        CHECK(difference(u, u_expected, kRounding) == "");
      });
    }
  }
}

struct Results {
  std::vector<float> adam, sgd, lrn, lrn_dx, batch_norm;
  double sum_squares = 0.0;
};

// Everything outside matrix products and the C library's exp and pow.
Results run(const KernelTable& table, Index piece) {
  constexpr Index kCount = 1531;
  const State s = state(kCount);
  Results r{s.w, s.w, s.w, s.w, {0.0f, 0.0f}};
  std::vector<float> m = s.first, v = s.second, u = s.first;
  for (Index i = 0; i < kCount; i += piece) {
    const Index n = std::min(piece, kCount - i);
    table.adam(&r.adam[static_cast<std::size_t>(i)], &m[static_cast<std::size_t>(i)],
               &v[static_cast<std::size_t>(i)], &s.g[static_cast<std::size_t>(i)], n, kAdamVariants[1]);
    table.sgd(&r.sgd[static_cast<std::size_t>(i)], &u[static_cast<std::size_t>(i)],
              &s.g[static_cast<std::size_t>(i)], n, {0.1f, 0.9f, 0.01f, true});
  }
  const LrnParameters lrn{2, 1.0f, 0.3f, 0.75f};
  table.lrn_forward(r.lrn.data(), s.g.data(), 15, 102, lrn);
  table.lrn_backward(r.lrn_dx.data(), s.first.data(), s.g.data(), 15, 102, lrn);
  table.batch_norm_statistics(&r.batch_norm[0], &r.batch_norm[1], s.g.data(), 5, 3, 102, 1);
  r.sum_squares = table.sum_squares(s.g.data(), kCount);
  return r;
}

TEST_CASE("the bits of a result do not depend on where a piece begins, nor most on the instruction set") {
  const Results plainest = run(*kernel_table(plainest_isa()), 1531);
  for_each_isa([&](const KernelTable& table) {
    // Adam and LRN round once for a multiplication and an addition where the processor can.
    const Results expected = run(table, 1531);
    for (const Index piece : {1531, 1, 7, 64}) {
      CAPTURE(piece);
      const Results r = run(table, piece);
      CHECK(difference(r.adam, expected.adam) == "");
      CHECK(difference(r.sgd, plainest.sgd) == "");
      CHECK(difference(r.lrn, expected.lrn) == "");
      CHECK(difference(r.lrn_dx, expected.lrn_dx) == "");
      CHECK(difference(r.batch_norm, plainest.batch_norm) == "");
      CHECK(r.sum_squares == plainest.sum_squares);
    }
  });
}

}  // namespace
