#include "mien/core/random.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "kernels/philox.hpp"

namespace mien {
namespace {

// A stream's key is Philox output itself, so that neighboring seeds and ids give unrelated streams.
std::uint64_t derive_key(std::uint64_t seed, RandomPurpose purpose, std::uint64_t id) {
  const kernels::PhiloxBlock a = kernels::philox4x32(id, seed);
  const std::uint64_t mixed = (std::uint64_t{a.word[1]} << 32) | a.word[0];
  const kernels::PhiloxBlock b = kernels::philox4x32(static_cast<std::uint64_t>(purpose), mixed);
  return (std::uint64_t{b.word[1]} << 32) | b.word[0];
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, RandomPurpose purpose, std::uint64_t id)
    : key_(derive_key(seed, purpose, id)) {}

std::uint32_t RandomStream::next_u32() {
  if (used_ == 4) {
    const kernels::PhiloxBlock block = kernels::philox4x32(counter_++, key_);
    for (int i = 0; i < 4; ++i) buffer_[static_cast<std::size_t>(i)] = block.word[i];
    used_ = 0;
  }
  return buffer_[static_cast<std::size_t>(used_++)];
}

float RandomStream::next_uniform() {
  return static_cast<float>(next_u32() >> 8) * 0x1.0p-24f;
}

std::uint32_t RandomStream::next_below(std::uint32_t bound) {
  // Lemire, "Fast random integer generation in an interval", 2019: multiply, reject the biased remainder.
  std::uint64_t product = std::uint64_t{next_u32()} * bound;
  if (static_cast<std::uint32_t>(product) < bound) {
    const std::uint32_t threshold = (0u - bound) % bound;
    while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{next_u32()} * bound;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

float RandomStream::next_normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const float u = static_cast<float>((next_u32() >> 8) + 1) * 0x1.0p-24f;  // (0, 1]: the logarithm is finite
  const float angle = 2.0f * std::numbers::pi_v<float> * next_uniform();
  const float radius = std::sqrt(-2.0f * std::log(u));
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

float RandomStream::next_truncated_normal() {
  float value = next_normal();
  while (std::fabs(value) > 2.0f) value = next_normal();
  return value;
}

// In logarithms, since the gammas of small shapes are too small for any float: U^(1/0.01) mostly is.
double RandomStream::next_log_gamma(double shape) {
  const auto log_uniform = [this] { return std::log(1.0 - double{next_uniform()}); };  // of (0, 1]
  if (shape < 1) {
    const double larger = next_log_gamma(shape + 1);
    return larger + log_uniform() / shape;
  }
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = double{next_normal()};
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double log_v = 3 * std::log(root);
    if (log_uniform() < 0.5 * x * x + d - d * std::exp(log_v) + d * log_v) return std::log(d) + log_v;
  }
}

double RandomStream::next_gamma(double shape) {
  return std::exp(next_log_gamma(shape));
}

double RandomStream::next_beta(double a, double b) {
  const double log_x = next_log_gamma(a);
  const double log_y = next_log_gamma(b);
  return 1.0 / (1.0 + std::exp(log_y - log_x));
}

std::vector<std::uint32_t> random_permutation(std::uint32_t count, RandomStream stream) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t i = count; i > 1; --i) std::swap(order[i - 1], order[stream.next_below(i)]);
  return order;
}

}  // namespace mien
