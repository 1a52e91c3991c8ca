// bfloat16 as the kernels store it.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace mien::testing {

/// The bfloat16 values that `values` are cut to.
inline std::vector<std::uint16_t> upper_halves(const std::vector<float>& values) {
  std::vector<std::uint16_t> halves;
  halves.reserve(values.size());
  for (const float value : values) {
    halves.push_back(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16));
  }
  return halves;
}

/// The same as floats again.
inline std::vector<float> cut_to_halves(std::vector<float> values) {
  for (float& value : values) value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xffff0000u);
  return values;
}

}  // namespace mien::testing
