// How many bits a computation spends on a value.
#pragma once

namespace mien {

enum class Precision {
  f32,   ///< IEEE 754 single precision
  bf16,  ///< bfloat16: the upper half of f32, eight bits of significand; sums are formed in f32 all the same
};

}  // namespace mien
