// Random numbers that are the same on every machine and in every release: the mixing function of splitmix64
// (Steele, Lea, Flood, OOPSLA 2014) applied to a counter.
#pragma once

#include <cstdint>

namespace mien::faces {

class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) : key_(mix(mix(seed) + stream)) {}

  std::uint64_t next() { return mix(key_ + kStep * ++counter_); }
  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * (1.0 / 9007199254740992.0); }
  double between(double low, double high) { return low + (high - low) * uniform(); }
  /// Symmetric about 0, within -1 .. 1, values near 0 more often.
  double around() { return uniform() + uniform() - 1; }
  bool chance(double probability) { return uniform() < probability; }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15u;
  static std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }

  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

}  // namespace mien::faces
