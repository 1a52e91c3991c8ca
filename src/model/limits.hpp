// What the numbers of a layer may be: for the text of a specification and for one that a program puts together.
#pragma once

#include <cstddef>

#include "mien/core/shape.hpp"

namespace mien::model {

template <typename Number>
struct Limits {
  Number low, high;
};

inline constexpr Limits<Index> kChannels{1, 1024};
inline constexpr Limits<Index> kEdge{1, 4096};  // of the input
inline constexpr std::size_t kMaxLayers = 1000;
inline constexpr Limits<Index> kFilters{1, 65536};
inline constexpr Limits<Index> kKernel{1, 255};
inline constexpr Limits<Index> kStride{1, 255};
inline constexpr Limits<Index> kPoolWindow{1, 15};  // a maximum's place is kept in one byte
inline constexpr Limits<Index> kRadius{0, 1024};
inline constexpr Limits<Index> kOutputs{1, Index{1} << 20};
inline constexpr Limits<float> kLrnBias{1e-6f, 1e6f};
inline constexpr Limits<float> kLrnAlpha{0.0f, 1e6f};
inline constexpr Limits<float> kLrnBeta{0.0f, 16.0f};
inline constexpr Limits<float> kEpsilon{1e-12f, 1.0f};
inline constexpr Limits<float> kMomentum{0.0f, 1.0f};
inline constexpr Limits<float> kDropoutRate{0.0f, 0.99f};

}  // namespace mien::model
