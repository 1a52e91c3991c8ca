// Counter-based random numbers: any number of a stream can be computed on its own, so results do not
// depend on threads, and a position in a stream is one integer that a checkpoint can hold.
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace mien {

/// What a stream of random numbers is used for; streams with different purposes never overlap.
enum class RandomPurpose : std::uint32_t {
  initialization,
  shuffle,
  dropout,
  augmentation,
  user,
  rounding,
  views
};

/// One stream, named by (seed, purpose, id). Copies continue independently from the same position.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, RandomPurpose purpose, std::uint64_t id);

  /// 32 random bits.
  std::uint32_t next_u32();
  /// Uniform in [0, 1), 24 bits.
  float next_uniform();
  /// Uniform in 0 .. bound-1, without bias. `bound` must be above 0.
  std::uint32_t next_below(std::uint32_t bound);
  /// Standard normal (Box & Muller 1958, both values of a pair used).
  float next_normal();
  /// Standard normal, values beyond two standard deviations drawn again, as TensorFlow's truncated_normal.
  float next_truncated_normal();
  /// Gamma-distributed with scale 1, for `shape` above 0 (Marsaglia & Tsang, "A simple method for generating
  /// gamma variables", 2000).
  double next_gamma(double shape);
  /// Beta-distributed, in [0, 1], for `a` and `b` above 0 however small: the quotient of two gammas.
  double next_beta(double a, double b);

  /// The 64-bit key kernels derive their own numbers from (dropout masks).
  std::uint64_t key() const { return key_; }

 private:
  double next_log_gamma(double shape);

  std::uint64_t key_ = 0;
  std::uint64_t counter_ = 0;
  std::array<std::uint32_t, 4> buffer_{};
  int used_ = 4;
  float spare_normal_ = 0;
  bool has_spare_ = false;
};

/// A random order of 0 .. count-1 (Fisher-Yates).
std::vector<std::uint32_t> random_permutation(std::uint32_t count, RandomStream stream);

}  // namespace mien
