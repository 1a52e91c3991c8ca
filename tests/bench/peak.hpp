// What this machine does at most, on the threads and with the instruction set in use.
//
// All threads do the same at once for a quarter of a second, in chunks of half a millisecond or less. A rate is
// that of the median chunk: what the machine keeps up. Chunks during which a thread had no processor do not
// count.
#pragma once

#include <cstdint>

namespace mien::bench {

struct Peak {
  double gflops = 0;        ///< fp32 multiply-adds in registers alone, two operations each
  double burst_gflops = 0;  ///< the same in the best chunk
  double bf16_gflops = 0;   ///< the same of bf16 by vdpbf16ps or, if tiles are in use (AMX), by those; else 0
  double read_gb = 0;       ///< gigabytes a second, reading an array end to end
  double update_gb = 0;     ///< the same for reading and writing back, both counted
  std::int64_t array_bytes = 0;
  std::int64_t cache_bytes = 0;  ///< of the last-level caches; 0 where unknown
  /// Whether the array is so large that no cache holds a part of it that counts.
  bool beyond_caches() const;
};

Peak measure_peak();

}  // namespace mien::bench
