#include "ops/join.hpp"

#include <algorithm>

#include "mien/core/parallel.hpp"
#include "ops/kernels_in_use.hpp"

namespace mien::ops {
namespace {

constexpr Index kJoinGrain = 1 << 15;  // values of a chunk

Index planes_of(Index pixels) {
  return std::max<Index>(1, kJoinGrain / std::max<Index>(1, pixels));
}

// Calls visit(part, offset in the joined image) for each part, for images that one chunk has.
template <typename Part, typename Visit>
void for_each_part(std::span<const Part> parts, Index n, Visit visit) {
  Index whole = 0;
  for (const Part& part : parts) whole += part.size;
  parallel_for_ranges(n, planes_of(whole), [&](Index begin, Index end) {
    for (Index image = begin; image < end; ++image) {
      Index offset = image * whole;
      for (const Part& part : parts) {
        visit(part, image, offset);
        offset += part.size;
      }
    }
  });
}

}  // namespace

void add(float* y, const float* a, const float* b, Index size, bool relu) {
  const VerboseCall call("add", {size});
  parallel_for_ranges(size, kJoinGrain, [&](Index begin, Index end) {
    kernels_in_use().join.add(y + begin, a + begin, b + begin, relu, end - begin);
  });
}

void gate_forward(float* y, const float* x, const float* gates, Index planes, Index pixels) {
  const VerboseCall call("gate_forward", {planes, pixels});
  parallel_for_ranges(planes, planes_of(pixels), [&](Index begin, Index end) {
    kernels_in_use().join.gate_forward(y + begin * pixels, x + begin * pixels, gates + begin, end - begin,
                                       pixels);
  });
}

void gate_backward(float* dx, float* dgates, const float* dy, const float* x, const float* gates, Index planes,
                   Index pixels) {
  const VerboseCall call("gate_backward", {planes, pixels});
  parallel_for_ranges(planes, planes_of(pixels), [&](Index begin, Index end) {
    kernels_in_use().join.gate_backward(dx != nullptr ? dx + begin * pixels : nullptr, dgates + begin,
                                        dy + begin * pixels, x + begin * pixels, gates + begin, end - begin,
                                        pixels);
  });
}

void concat(float* y, std::span<const ConcatPart> parts, Index n) {
  const VerboseCall call("concat", {n, static_cast<Index>(parts.size())});
  for_each_part(parts, n, [&](const ConcatPart& part, Index image, Index offset) {
    std::copy_n(part.values + image * part.size, part.size, y + offset);
  });
}

void split(std::span<const SplitPart> parts, const float* y, Index n) {
  const VerboseCall call("split", {n, static_cast<Index>(parts.size())});
  for_each_part(parts, n, [&](const SplitPart& part, Index image, Index offset) {
    if (part.values != nullptr) std::copy_n(y + offset, part.size, part.values + image * part.size);
  });
}

void upsample2x_forward(float* y, const float* x, Index planes, Index height, Index width) {
  const VerboseCall call("upsample2x_forward", {planes, height, width});
  const Index pixels = height * width;
  parallel_for_ranges(planes, planes_of(4 * pixels), [&](Index begin, Index end) {
    kernels_in_use().join.upsample2x_forward(y + begin * 4 * pixels, x + begin * pixels, end - begin, height,
                                             width);
  });
}

void upsample2x_backward(float* dx, const float* dy, Index planes, Index height, Index width) {
  const VerboseCall call("upsample2x_backward", {planes, height, width});
  const Index pixels = height * width;
  parallel_for_ranges(planes, planes_of(4 * pixels), [&](Index begin, Index end) {
    kernels_in_use().join.upsample2x_backward(dx + begin * pixels, dy + begin * 4 * pixels, end - begin, height,
                                              width);
  });
}

}  // namespace mien::ops
