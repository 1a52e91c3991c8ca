// How fast this machine can multiply and move memory, measured with loops that do nothing else.
#include "peak.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <vector>

#include "bench.hpp"
#include "core/processors.hpp"
#include "machine.hpp"
#include "mien/core/memory.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/tensor.hpp"
#include "multiply_add.hpp"
#include "undisturbed.hpp"

namespace mien::bench {
namespace {

std::atomic<float> sink;  // results nobody reads would not be computed

// More threads than processors take turns: while one runs, it has the processor for itself.
double working_threads() {
  return std::min(thread_count(), detail::usable_processors());
}

struct Gflops {
  double sustained, burst;
};

Gflops measure_gflops(const MultiplyAdd& kernel) {
  const std::vector<double> times = undisturbed_ms([&] { sink = kernel.run(); });
  const double gflop = 2e-9 * static_cast<double>(kernel.products) * working_threads();
  return {.sustained = gflop / median(times) * 1e3,
          .burst = gflop / *std::min_element(times.begin(), times.end()) * 1e3};
}

double measure_bf16_gflops() {
  const std::optional<MultiplyAdd> kernel = multiply_add_bf16();
  return kernel ? measure_gflops(*kernel).sustained : 0;
}

constexpr Index kPartFloats = Index{1} << 18;  // of an array, what a thread takes at once

void read_all(const float* x) {
  using Sixteen [[gnu::vector_size(64)]] = float;
  Sixteen sums[4] = {};
  for (Index i = 0; i < kPartFloats; i += 64) {
    for (int c = 0; c < 4; ++c) sums[c] += *reinterpret_cast<const Sixteen*>(x + i + 16 * c);
  }
  sink = (sums[0] + sums[1] + sums[2] + sums[3])[0];
}

void update_all(float* x) {
  for (Index i = 0; i < kPartFloats; ++i) x[i] = x[i] * 0.999f + 1.0f;
}

// Gigabytes of the array that pass a second; threads take its parts in turns, again and again.
template <typename Pass>
double measure_gb(Tensor& array, Pass pass) {
  const Index parts = array.size() / kPartFloats;
  float* const values = array.mutable_data();
  std::atomic<Index> next = 0;
  const std::vector<double> times = undisturbed_ms([&] { pass(values + next++ % parts * kPartFloats); });
  return kPartFloats * sizeof(float) * working_threads() / median(times) / 1e6;
}

void measure_memory(Peak& peak) {
  constexpr Index kPartBytes = kPartFloats * static_cast<Index>(sizeof(float));
  peak.cache_bytes = last_level_cache_bytes();
  const Index bytes = array_bytes(peak.cache_bytes, available_memory_bytes());
  const Index parts = std::max<Index>(1, (bytes + kPartBytes - 1) / kPartBytes);
  peak.array_bytes = parts * kPartBytes;
  Tensor array = Tensor::full({parts * kPartFloats}, 1.0f);
  peak.read_gb = measure_gb(array, read_all);
  peak.update_gb = 2 * measure_gb(array, update_all);
}

}  // namespace

bool Peak::beyond_caches() const {
  return cache_bytes > 0 && array_bytes >= kArrayPerCache * cache_bytes;
}

Peak measure_peak() {
  Peak peak;
  const Gflops gflops = measure_gflops(multiply_add());
  peak.gflops = gflops.sustained;
  peak.burst_gflops = gflops.burst;
  peak.bf16_gflops = measure_bf16_gflops();
  measure_memory(peak);
  release_cached_memory();  // the array
  return peak;
}

}  // namespace mien::bench
