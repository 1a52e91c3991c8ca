#include "ops/kernels_in_use.hpp"
#include "ops/winograd.hpp"

namespace mien::ops::winograd {
namespace {

constexpr Index kTiles = 4;   // transformed at once by one thread
constexpr Index kPoints = 4;  // multiplied at once by one thread

}  // namespace

void forward_image(float* y, const float* x, const float* filter, const float* b, const Conv2dGeometry& g,
                   bool relu, ConvLayouts layouts) {
  const kernels::KernelTable& kernels = kernels_in_use();
  const kernels::WinogradTiles cut = kernels.winograd_tiles(g);
  const Index tiles = cut.rows * cut.columns, in = g.in_channels, out = g.out_channels;
  const Index in_pixels = g.in_height * g.in_width, out_pixels = g.out_height * g.out_width;
  const Index v_step = point_step(tiles, in), m_step = point_step(tiles, out);
  const bool x_is_last = layouts.x == Layout::channels_last, y_is_last = layouts.y == Layout::channels_last;
  Tensor x_room = Tensor::uninitialized({in_pixels, in});
  Tensor y_room = Tensor::uninitialized({out_pixels, out});
  const float* x_last = x_is_last ? x : x_room.data();
  float* y_last = y_is_last ? y : y_room.mutable_data();
  Tensor v = Tensor::uninitialized({cut.points, v_step});
  Tensor m = Tensor::uninitialized({cut.points, m_step});
  if (!x_is_last) kernels.to_channels_last(x_room.mutable_data(), x, nullptr, in, in_pixels);
  parallel_for_ranges(tiles, kTiles, [&](Index begin, Index end) {
    kernels.winograd_input(v.mutable_data() + begin * in, v_step, x_last, g, begin, end);
  });
  parallel_for_ranges(cut.points, kPoints, [&](Index begin, Index end) {
    for (Index p = begin; p < end; ++p) {
      kernels.winograd_product(m.mutable_data() + p * m_step, v.data() + p * v_step, filter + p * in * out,
                               tiles, out, in);
    }
  });
  parallel_for_ranges(tiles, kTiles, [&](Index begin, Index end) {
    kernels.winograd_output(y_last, m.data() + begin * out, m_step, b, relu, g, begin, end);
  });
  if (!y_is_last) kernels.from_channels_last(y, y_room.data(), out, out_pixels);
}

}  // namespace mien::ops::winograd
