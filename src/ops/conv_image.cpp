#include "ops/conv_image.hpp"

#include "ops/kernels_in_use.hpp"
#include "ops/scratch.hpp"

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

// Each thread takes some pixels of the output.
void forward_panels(float* y, const float* x, const float* filter, const float* b, const Conv2dGeometry& g,
                    bool relu) {
  constexpr Index kPixels = 128;
  const kernels::KernelTable& kernels = kernels_in_use();
  const Index pixels = g.out_height * g.out_width, workspace = kernels.conv2d_panel_workspace(g);
  for_ranges_with_scratch(pixels, kPixels, workspace, [&](Index begin, Index end, float* scratch) {
    kernels.conv2d_forward(y, x, filter, b, relu, g, begin, end, scratch);
  });
}

}  // namespace

void conv2d_forward_image(float* y, const float* x, const float* filter, const float* b,
                          const Conv2dGeometry& g, bool relu) {
  (kernels_in_use().direct_fits(g) ? forward_direct : forward_panels)(y, x, filter, b, g, relu);
}

Index conv2d_image_scratch(const Conv2dGeometry& g) {
  const kernels::KernelTable& kernels = kernels_in_use();
  return kernels.direct_fits(g) ? (g.out_channels + kFilters - 1) / kFilters * kernels.direct_workspace(g)
                                : kernels.conv2d_panel_workspace(g);
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
