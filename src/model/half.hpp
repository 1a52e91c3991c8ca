// Numbers of 16 bits made fp32.
#pragma once

#include <cstdint>

#include "mien/model/safetensors.hpp"

namespace mien::model {

/// IEEE 754's binary16, exactly; NaN stays NaN.
float from_f16(std::uint16_t bits);

/// The values of an entry whose dtype is F16 or BF16.
Tensor widened(const TensorEntry& entry);

}  // namespace mien::model
