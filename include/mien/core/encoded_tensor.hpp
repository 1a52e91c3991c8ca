// Numbers in fewer bits than float32, as they lie in a file.
#pragma once

#include <memory>

#include "mien/core/tensor.hpp"

namespace mien {

/// bf16 is the upper half of a float32. int8 is symmetric: -127 .. 127 times a scale for each output channel.
enum class Encoding { f32, bf16, int8 };

/// bf16 or int8 values, not to be changed. Copying aliases.
struct EncodedTensor {
  Encoding encoding = Encoding::f32;
  Shape shape;
  std::shared_ptr<const void> values;  ///< keeps alive what it points into; null: undefined
  Tensor scale;  ///< of each output channel: the last axis of a matrix, the first of filters; undefined: 1

  bool defined() const { return values != nullptr; }
};

}  // namespace mien
