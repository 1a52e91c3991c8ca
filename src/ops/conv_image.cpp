#include "ops/conv_image.hpp"

#include <algorithm>

#include "ops/kernels_in_use.hpp"

namespace mien::ops {
namespace {

// Filters of which a thread takes so many.
constexpr Index kFilters = 16;

// Computes groups of filters by the direct method, each to place(first filter), and calls use(output, first
// filter, last + 1) for it.
template <typename Place, typename Use>
void direct_filters(const float* x, const float* w, const float* b, const Conv2dGeometry& g, bool relu,
                    Place place, Use use) {
  const kernels::KernelTable& kernels = kernels_in_use();
  const Index filter_size = g.in_channels * g.kernel_height * g.kernel_width;
  const Index workspace_size = kernels.direct_workspace(g);
  Tensor scratch = Tensor::uninitialized({(g.out_channels + kFilters - 1) / kFilters, workspace_size});
  parallel_for_ranges(g.out_channels, kFilters, [&](Index begin, Index end) {
    Conv2dGeometry part = g;
    part.out_channels = end - begin;
    float* y = place(begin);
    kernels.direct_forward(y, x, w + begin * filter_size, b != nullptr ? b + begin : nullptr, relu, part,
                           scratch.mutable_data() + begin / kFilters * workspace_size);
    use(y, begin, end);
  });
}

void forward_direct(float* y, const float* x, const float* w, const float* b, const Conv2dGeometry& g,
                    bool relu) {
  const Index pixels = g.out_height * g.out_width;
  direct_filters(
      x, w, b, g, relu, [&](Index begin) { return y + begin * pixels; }, [](const float*, Index, Index) {});
}

// Rows [begin, end) of the output and the rows of the input under them, which become an image of their own.
struct Band {
  Conv2dGeometry g;
  Index first_in, first_out;

  Band(const Conv2dGeometry& whole, Index begin, Index end) : g(whole), first_out(begin) {
    const Index top = begin * g.stride - g.pad_top;
    const Index bottom = (end - 1) * g.stride - g.pad_top + g.kernel_height;
    first_in = std::clamp<Index>(top, 0, whole.in_height);
    g.in_height = std::max<Index>(0, std::min(bottom, whole.in_height) - first_in);
    g.out_height = end - begin;
    g.pad_top = first_in - top;
  }
  Index in_size() const { return g.in_channels * g.in_height * g.in_width; }
  Index out_size() const { return g.out_channels * g.out_height * g.out_width; }
  Index scratch_size() const { return in_size() + out_size() + kernels_in_use().conv2d_workspace(g); }
};

// Copies the same rows of each channel; `from` and `to` hold channels from_stride and to_stride apart.
void copy_rows(float* to, Index to_stride, const float* from, Index from_stride, Index channels, Index count) {
  for (Index c = 0; c < channels; ++c) std::copy_n(from + c * from_stride, count, to + c * to_stride);
}

void forward_band(float* y, const float* x, const float* w, const float* b, const Conv2dGeometry& g, bool relu,
                  const Band& band, float* scratch) {
  const kernels::KernelTable& kernels = kernels_in_use();
  float* band_x = scratch;
  float* band_y = band_x + band.in_size();
  const Index in_count = band.g.in_height * g.in_width, out_count = band.g.out_height * g.out_width;
  copy_rows(band_x, in_count, x + band.first_in * g.in_width, g.in_height * g.in_width, g.in_channels,
            in_count);
  kernels.conv2d_forward(band_y, band_x, w, b, band.g, band_y + band.out_size());
  if (relu) kernels.relu_forward(band_y, band_y, band.out_size());
  copy_rows(y + band.first_out * g.out_width, g.out_height * g.out_width, band_y, out_count, g.out_channels,
            out_count);
}

// Each thread takes some rows of the output.
void forward_bands(float* y, const float* x, const float* w, const float* b, const Conv2dGeometry& g,
                   bool relu) {
  constexpr Index kPixels = 96;
  const Index rows = std::max<Index>(1, kPixels / std::max<Index>(1, g.out_width));
  Index largest = 0;
  for (Index row = 0; row < g.out_height; row += rows) {
    largest = std::max(largest, Band(g, row, std::min(row + rows, g.out_height)).scratch_size());
  }
  Tensor scratch = Tensor::uninitialized({(g.out_height + rows - 1) / rows, largest});
  parallel_for_ranges(g.out_height, rows, [&](Index begin, Index end) {
    forward_band(y, x, w, b, g, relu, Band(g, begin, end), scratch.mutable_data() + begin / rows * largest);
  });
}

}  // namespace

void conv2d_forward_image(float* y, const float* x, const float* w, const float* b, const Conv2dGeometry& g,
                          bool relu) {
  (kernels_in_use().direct_fits(g) ? forward_direct : forward_bands)(y, x, w, b, g, relu);
}

void conv2d_max_pool_forward_image(float* y, std::uint8_t* argmax, const float* x, const float* w,
                                   const float* b, const Conv2dGeometry& g, bool relu,
                                   const Pool2dGeometry& pool) {
  const Index pixels = g.out_height * g.out_width;
  const Index pooled = pool.out_height * pool.out_width;
  Tensor whole = Tensor::uninitialized({g.out_channels * pixels});
  direct_filters(
      x, w, b, g, relu, [&](Index begin) { return whole.mutable_data() + begin * pixels; },
      [&](const float* from, Index begin, Index end) {
        Pool2dGeometry part = pool;
        part.planes = end - begin;
        kernels_in_use().max_pool2d_forward(y + begin * pooled, argmax + begin * pooled, from, part);
      });
}

}  // namespace mien::ops
