// How many bits a computation spends on a value.
#pragma once

namespace mien {

/// The format of a number.
enum class Precision {
  f32,  ///< IEEE 754 single precision
  /// bfloat16: the upper half of f32, eight bits of significand; sums are formed in f32 all the same. Products
  /// are in f32 where the processor is faster at that.
  bf16,
};

}  // namespace mien
