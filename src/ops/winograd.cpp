#include "ops/winograd.hpp"

#include <algorithm>

#include "ops/kernels_in_use.hpp"
#include "ops/scratch.hpp"

namespace mien::ops::winograd {
namespace {

using kernels::KernelTable;

// A chunk of tiles with its transforms stays in a second-level cache while the filters stream past.
constexpr Index kChunkFloats = 160 << 10;
// The transforms that the filters' gradient sums over stay in a third-level cache, a few images' at a time; but
// they are to be more than the sums, which each group reads and writes.
constexpr Index kGroupFloats = 1 << 20;
constexpr Index kGroupSums = 2;
constexpr Index kGroupMultiple = 8;   // of units, for as many threads
constexpr Index kChunkMultiple = 12;  // rows of a register tile

// How a problem is cut; depends on the geometry alone.
struct Plan {
  Index points, tiles;          // tiles of one image
  Index in, out;                // channels
  Index in_pixels, out_pixels;  // of one image
  Index chunk;                  // tiles computed at once
  Index unit;                   // images one thread takes at once: more than one where they have few tiles
  Index units_in_group;

  explicit Plan(const Conv2dGeometry& g) {
    const kernels::WinogradTiles cut = kernels_in_use().winograd_tiles(g);
    points = cut.points;
    tiles = cut.rows * cut.columns;
    in = g.in_channels;
    out = g.out_channels;
    in_pixels = g.in_height * g.in_width;
    out_pixels = g.out_height * g.out_width;
    const Index tile_floats = points * (in + out);
    chunk = std::max<Index>(1, kChunkFloats / tile_floats / kChunkMultiple) * kChunkMultiple;
    unit = std::max<Index>(1, chunk / tiles);
    const Index fitting = std::max(kGroupFloats, kGroupSums * points * in * out) / (tile_floats * tiles * unit);
    units_in_group = std::max<Index>(1, fitting / kGroupMultiple) * kGroupMultiple;
  }
};

// Calls part(image, begin, end, offset) for the stretches of tiles that [first, last), counted through the
// images, has in each image; offset is the stretch's place in the chunk.
template <typename Part>
void for_each_part(const Plan& plan, Index first, Index last, Part part) {
  for (Index at = first; at < last;) {
    const Index image = at / plan.tiles;
    const Index stop = std::min(last, (image + 1) * plan.tiles);
    part(image, at - image * plan.tiles, stop - image * plan.tiles, at - first);
    at = stop;
  }
}

// Calls chunk(first, last) for all tiles of `images` images.
template <typename Chunk>
void for_each_chunk(const Plan& plan, Index images, Chunk chunk) {
  const Index all = images * plan.tiles;
  for (Index first = 0; first < all; first += plan.chunk) chunk(first, std::min(all, first + plan.chunk));
}

}  // namespace

bool fits(const Conv2dGeometry& g) {
  return kernels_in_use().winograd_fits(g);
}

Tensor transform_filter(const float* w, const Conv2dGeometry& g, bool transposed) {
  const Plan plan(g);
  Tensor filter = Tensor::uninitialized({plan.points, plan.in, plan.out});
  constexpr Index kChannels = 8;
  parallel_for_ranges(transposed ? plan.out : plan.in, kChannels, [&](Index begin, Index end) {
    kernels_in_use().winograd_filter(filter.mutable_data(), w, g, transposed, begin, end);
  });
  return filter;
}

namespace {

void forward_unit(float* y, const float* x, const float* filter, const float* b, Index images,
                  const Conv2dGeometry& g, const Plan& plan, bool relu) {
  const KernelTable& kernels = kernels_in_use();
  const Index v_step = point_step(plan.chunk, plan.in);
  const Index m_step = point_step(plan.chunk, plan.out);
  const Index x_size = plan.in_pixels * plan.in;
  const Index y_size = plan.out_pixels * plan.out;
  Tensor x_last = Tensor::uninitialized({plan.unit, x_size});
  Tensor y_last = Tensor::uninitialized({plan.unit, y_size});
  Tensor v = Tensor::uninitialized({plan.points, v_step});
  Tensor m = Tensor::uninitialized({plan.points, m_step});
  for (Index i = 0; i < images; ++i) {
    kernels.to_channels_last(x_last.mutable_data() + i * x_size, x + i * x_size, nullptr, plan.in,
                             plan.in_pixels);
  }
  for_each_chunk(plan, images, [&](Index first, Index last) {
    for_each_part(plan, first, last, [&](Index image, Index begin, Index end, Index offset) {
      kernels.winograd_input(v.mutable_data() + offset * plan.in, v_step, x_last.data() + image * x_size, g,
                             begin, end);
    });
    for (Index p = 0; p < plan.points; ++p) {
      kernels.winograd_product(m.mutable_data() + p * m_step, v.data() + p * v_step,
                               filter + p * plan.in * plan.out, last - first, plan.out, plan.in);
    }
    for_each_part(plan, first, last, [&](Index image, Index begin, Index end, Index offset) {
      kernels.winograd_output(y_last.mutable_data() + image * y_size, m.data() + offset * plan.out, m_step, b,
                              relu, g, begin, end);
    });
  });
  for (Index i = 0; i < images; ++i) {
    kernels.from_channels_last(y + i * y_size, y_last.data() + i * y_size, plan.out, plan.out_pixels);
  }
}

// The transforms of a group of images, over which the filters' gradient is summed.
struct Group {
  Tensor v, dm;  // [point][tile of the group][channel]
  Index v_step, dm_step;

  Group(const Plan& plan, Index images)
      : v_step(point_step(images * plan.tiles, plan.in)), dm_step(point_step(images * plan.tiles, plan.out)) {
    v = Tensor::uninitialized({plan.points, v_step});
    dm = Tensor::uninitialized({plan.points, dm_step});
  }
};

// Writes a unit's part of the group, and its dx where that is not null. Pointers are those of the unit's first
// image, `tile` is where its tiles begin in the group.
struct BackwardUnit {
  const Conv2dGeometry& g;
  const Plan& plan;
  const float* filter_transposed;
  Group& group;

  void run(float* dx, float* db, const float* dy, const float* relu_output, const float* x, Index images,
           Index tile) const {
    const KernelTable& kernels = kernels_in_use();
    const Index x_size = plan.in_pixels * plan.in;
    const Index y_size = plan.out_pixels * plan.out;
    Tensor x_last = Tensor::uninitialized({plan.unit, x_size});
    Tensor dy_last = Tensor::uninitialized({plan.unit, y_size});
    for (Index i = 0; i < images; ++i) {
      kernels.to_channels_last(x_last.mutable_data() + i * x_size, x + i * x_size, nullptr, plan.in,
                               plan.in_pixels);
      kernels.to_channels_last(dy_last.mutable_data() + i * y_size, dy + i * y_size,
                               relu_output != nullptr ? relu_output + i * y_size : nullptr, plan.out,
                               plan.out_pixels);
    }
    kernels.sum_rows(db, dy_last.data(), images * plan.out_pixels, plan.out);
    float* v = group.v.mutable_data() + tile * plan.in;
    float* dm = group.dm.mutable_data() + tile * plan.out;
    for_each_chunk(plan, images, [&](Index first, Index last) {
      for_each_part(plan, first, last, [&](Index image, Index begin, Index end, Index offset) {
        kernels.winograd_input(v + (first + offset) * plan.in, group.v_step, x_last.data() + image * x_size, g,
                               begin, end);
      });
    });
    Tensor dx_last = Tensor::uninitialized({plan.unit, x_size});
    if (dx != nullptr) std::fill_n(dx_last.mutable_data(), images * x_size, 0.0f);
    const Index dv_step = point_step(plan.chunk, plan.in);
    Tensor dv = Tensor::uninitialized({plan.points, dv_step});
    for_each_chunk(plan, images, [&](Index first, Index last) {
      for_each_part(plan, first, last, [&](Index image, Index begin, Index end, Index offset) {
        kernels.winograd_output_gradient(dm + (first + offset) * plan.out, group.dm_step,
                                         dy_last.data() + image * y_size, g, begin, end);
      });
      if (dx == nullptr) return;
      for (Index p = 0; p < plan.points; ++p) {
        kernels.winograd_product(dv.mutable_data() + p * dv_step, dm + first * plan.out + p * group.dm_step,
                                 filter_transposed + p * plan.in * plan.out, last - first, plan.in, plan.out);
      }
      for_each_part(plan, first, last, [&](Index image, Index begin, Index end, Index offset) {
        kernels.winograd_input_gradient(dx_last.mutable_data() + image * x_size, dv.data() + offset * plan.in,
                                        dv_step, g, begin, end);
      });
    });
    for (Index i = 0; dx != nullptr && i < images; ++i) {
      kernels.from_channels_last(dx + i * x_size, dx_last.data() + i * x_size, plan.in, plan.in_pixels);
    }
  }
};

}  // namespace

void forward(float* y, const float* x, const float* filter, const float* b, Index n, const Conv2dGeometry& g,
             bool relu) {
  const Plan plan(g);
  const Index units = (n + plan.unit - 1) / plan.unit;
  reserve_scratch(
      {plan.unit * plan.in_pixels * plan.in, plan.unit * plan.out_pixels * plan.out,
       plan.points * point_step(plan.chunk, plan.in), plan.points * point_step(plan.chunk, plan.out)},
      units);
  parallel_for_ranges(n, plan.unit, [&](Index begin, Index end) {
    forward_unit(y + begin * plan.out * plan.out_pixels, x + begin * plan.in * plan.in_pixels, filter, b,
                 end - begin, g, plan, relu);
  });
}

void backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output, const float* x,
              const float* w, Index n, const Conv2dGeometry& g) {
  const Plan plan(g);
  const Tensor filter = gradients.dx != nullptr ? transform_filter(w, g, true) : Tensor();
  Tensor du({plan.points, plan.in, plan.out});
  Tensor unit_db = Tensor::uninitialized({(n + plan.unit - 1) / plan.unit, plan.out});
  const Index group_images = plan.unit * plan.units_in_group;
  Group group(plan, std::min(n, group_images));
  const BackwardUnit unit{g, plan, filter.defined() ? filter.data() : nullptr, group};
  const Index x_size = plan.in_pixels * plan.in;
  const Index y_size = plan.out_pixels * plan.out;
  reserve_scratch({plan.unit * x_size, plan.unit * y_size, plan.unit * x_size,
                   plan.points * point_step(plan.chunk, plan.in)},
                  plan.units_in_group);
  for (Index first = 0; first < n; first += group_images) {
    const Index images = std::min(group_images, n - first);
    parallel_for_ranges(images, plan.unit, [&](Index begin, Index end) {
      const Index image = first + begin;
      unit.run(gradients.dx != nullptr ? gradients.dx + image * x_size : nullptr,
               unit_db.mutable_data() + image / plan.unit * plan.out, dy + image * y_size,
               relu_output != nullptr ? relu_output + image * y_size : nullptr, x + image * x_size, end - begin,
               begin * plan.tiles);
    });
    parallel_for(plan.points, [&](Index p) {
      kernels_in_use().winograd_filter_product(
          du.mutable_data() + p * plan.in * plan.out, group.v.data() + p * group.v_step,
          group.dm.data() + p * group.dm_step, images * plan.tiles, plan.in, plan.out);
    });
  }
  constexpr Index kChannels = 8;
  parallel_for_ranges(plan.in, kChannels, [&](Index begin, Index end) {
    kernels_in_use().winograd_filter_gradient(gradients.dw, du.data(), g, begin, end);
  });
  if (gradients.db != nullptr) {
    kernels_in_use().sum_rows(gradients.db, unit_db.data(), unit_db.dim(0), plan.out);
  }
}

}  // namespace mien::ops::winograd
