// What the kernel tests share: inputs, buffers with guarded ends, comparisons that say what differs, and a
// loop over the instruction sets.
#pragma once

#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/isa_in_use.hpp"
#include "kernels/kernel_table.hpp"
#include "support/catch.hpp"

namespace mien::testing {

/// `count` values. Whole numbers keep float sums exact, so that fast and naive kernels must agree to the bit.
inline std::vector<float> integers(kernels::Index count, unsigned seed, int low = -3, int high = 3) {
  std::mt19937 generator(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  const unsigned range = static_cast<unsigned>(high - low + 1);
  for (float& value : values) value = static_cast<float>(low + static_cast<int>(generator() % range));
  return values;
}

/// `count` values in [-scale, scale), in steps of scale / 2^15.
inline std::vector<float> reals(kernels::Index count, unsigned seed, float scale = 1.0f) {
  std::vector<float> values = integers(count, seed, -32768, 32767);
  for (float& value : values) value *= scale / 32768.0f;
  return values;
}

template <typename To, typename From>
std::vector<To> converted(const std::vector<From>& values) {
  return std::vector<To>(values.begin(), values.end());
}

/// An array between two guard zones. Guards and, at first, the array hold signalling NaNs: a kernel that
/// reads what it has not written spoils its result, and one that writes or adds to a guard leaves a mark
/// there (arithmetic turns a signalling NaN into a quiet one).
template <typename T>
class Guarded {
 public:
  explicit Guarded(kernels::Index count)
      : count_(static_cast<std::size_t>(count)), storage_(count_ + 2 * kGuard), expected_(2 * kGuard) {
    poison(storage_.data(), storage_.size());
    poison(expected_.data(), expected_.size());
    std::memcpy(storage_.data() + kGuard + count_, expected_.data() + kGuard, kGuard * sizeof(T));
  }
  explicit Guarded(const std::vector<T>& values) : Guarded(static_cast<kernels::Index>(values.size())) {
    if (count_ > 0) std::memcpy(data(), values.data(), count_ * sizeof(T));
  }

  T* data() { return storage_.data() + kGuard; }
  std::vector<T> values() const {
    return std::vector<T>(storage_.begin() + kGuard, storage_.end() - static_cast<std::ptrdiff_t>(kGuard));
  }
  bool intact() const {
    return std::memcmp(storage_.data(), expected_.data(), kGuard * sizeof(T)) == 0 &&
           std::memcmp(storage_.data() + kGuard + count_, expected_.data() + kGuard, kGuard * sizeof(T)) == 0;
  }

 private:
  static constexpr std::size_t kGuard = 64;

  static void poison(T* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t pattern = 0x7FA00000u + static_cast<std::uint32_t>(i);
      std::memcpy(values + i, &pattern, sizeof(T));
    }
  }

  std::size_t count_;
  std::vector<T> storage_;
  std::vector<T> expected_;
};

struct Tolerance {
  double absolute = 0.0;
  double relative = 0.0;
};

/// Empty when all of `actual` is as expected, NaN being equal to NaN; else names the first difference.
template <typename A, typename E>
std::string difference(const std::vector<A>& actual, const std::vector<E>& expected, Tolerance tolerance = {}) {
  if (actual.size() != expected.size()) {
    return std::to_string(actual.size()) + " values instead of " + std::to_string(expected.size());
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double a = static_cast<double>(actual[i]);
    const double e = static_cast<double>(expected[i]);
    if (a == e || (std::isnan(a) && std::isnan(e))) continue;
    if (std::abs(a - e) <= tolerance.absolute + tolerance.relative * std::abs(e)) continue;
    std::array<char, 96> text;
    std::snprintf(text.data(), text.size(), "[%zu] is %.9g instead of %.9g", i, a, e);
    return text.data();
  }
  return "";
}

/// The same, and the guards must be untouched.
template <typename T, typename E>
std::string difference(const Guarded<T>& actual, const std::vector<E>& expected, Tolerance tolerance = {}) {
  if (!actual.intact()) return "written outside the buffer";
  return difference(actual.values(), expected, tolerance);
}

/// Runs test(table) for each instruction set, which is in use meanwhile, and says so where this processor or
/// build lacks one.
template <typename Test>
void for_each_isa(Test test) {
  for (const kernels::Isa isa : kernels::kIsas) {
    if (!kernels::is_available(isa)) {
      WARN("skipped: no kernels for " << kernels::isa_name(isa) << " on this processor");
      continue;
    }
    INFO("isa: " << kernels::isa_name(isa));
    const mien::detail::IsaForTest use(isa);
    test(*kernels::kernel_table(isa));
  }
}

}  // namespace mien::testing
