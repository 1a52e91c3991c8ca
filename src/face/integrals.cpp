#include "face/integrals.hpp"

#include <algorithm>

#include "kernels/haar.hpp"

namespace mien::face::detail {
namespace {

// Rows that are an odd number of cache lines apart fall into different sets of the cache.
Index padded_stride(Index columns) {
  constexpr Index kLine = 16;
  const Index lines = (columns + kLine - 1) / kLine;
  return (lines | 1) * kLine;
}

template <Index Step>
void add_sums(std::uint32_t* sums, std::uint32_t* squares, const std::uint8_t* pixels, Index width,
              const IntegralLayout& layout) {
  const Index up = -layout.stride;
  std::uint32_t sum = 0;
  std::uint32_t square = 0;
  const auto add = [&](Index i, Index at) {
    const std::uint32_t pixel = pixels[i];
    sum += pixel;
    square += pixel * pixel;
    sums[at] = sums[at + up] + sum;
    squares[at] = squares[at + up] + square;
  };
  sums[0] = 0;
  squares[0] = 0;
  if constexpr (Step == 1) {
    for (Index i = 0; i < width; ++i) add(i, i + 1);
  } else {
    Index i = 0;
    for (; i + 1 < width; i += 2) {
      add(i, layout.half + i / 2);
      add(i + 1, i / 2 + 1);
    }
    if (i < width) add(i, layout.half + i / 2);
  }
}

}  // namespace

IntegralLayout::IntegralLayout(Index width, Index height, Index window_step, bool with_tilted)
    : step(window_step), tilted(with_tilted) {
  if (step == 1) {
    stride = padded_stride(width + 1);
  } else {
    half = padded_stride((width + 2) / 2);
    stride = 2 * half + padded_stride(1);
  }
  plane = stride * (height + 1);
  size = plane * (tilted ? 3 : 2) + kernels::HaarWindows::kReadBeyond;
}

Integrals::Integrals(const IntegralLayout& layout)
    : layout_(layout), values_(new std::uint32_t[static_cast<std::size_t>(layout.size)]) {
  if (layout.tilted) above_ = std::make_unique<std::uint8_t[]>(static_cast<std::size_t>(layout.stride));
}

void Integrals::clear() {
  rows_ = 0;
  for (Index start = 0; start + layout_.plane <= layout_.size; start += layout_.plane) {
    std::fill_n(values_.get() + start, layout_.stride, 0U);
  }
}

void Integrals::add_row(const std::uint8_t* pixels, Index width) {
  ++rows_;
  std::uint32_t* sums = values_.get() + rows_ * layout_.stride;
  const auto add = layout_.step == 1 ? add_sums<1> : add_sums<2>;
  add(sums, sums + layout_.squares(), pixels, width, layout_);
  if (layout_.tilted) add_tilted_row(pixels, width);
}

// Lienhart & Maydt's recurrence: two triangles that meet one row up, less the one they share two rows up, and
// the two pixels neither has. Beside the image a triangle's part in it is that of another one.
void Integrals::add_tilted_row(const std::uint8_t* pixels, Index width) {
  std::uint32_t* row = values_.get() + layout_.tilts() + rows_ * layout_.stride;
  const auto at = [&](Index up, Index c) -> std::uint32_t& {
    return row[layout_.column(c) - up * layout_.stride];
  };
  if (rows_ == 1) {
    std::fill_n(above_.get(), width, std::uint8_t{0});
    at(0, 0) = 0;
    for (Index c = 1; c <= width; ++c) at(0, c) = pixels[c - 1];
  } else {
    at(0, 0) = at(1, 1);
    for (Index c = 1; c <= width; ++c) {
      const std::uint32_t sides = c < width ? at(1, c - 1) + at(1, c + 1) - at(2, c) : at(1, c - 1);
      at(0, c) = sides + pixels[c - 1] + above_[c - 1];
    }
  }
  std::copy_n(pixels, width, above_.get());
}

}  // namespace mien::face::detail
