#include "ops/winograd.hpp"

#include <algorithm>

#include "ops/channels_last.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/scratch.hpp"

namespace mien::ops::winograd {
namespace {

using kernels::KernelTable;

// A chunk of tiles with its transforms stays in a second-level cache while the filters stream past.
constexpr Index kChunkFloats = 160 << 10;
// The transforms that the filters' gradient sums over stay in a second-level cache, too, a few images' at a
// time. For each group the sums are read and written once more; that is one stream and costs less than
// transforms from far away. Where those of one unit are too many, they stay in a third-level cache, more of
// them than of the sums.
constexpr Index kGroupFloats = 384 << 10;
constexpr Index kFarGroupFloats = 1 << 20;
constexpr Index kFarGroupSums = 2;
constexpr Index kMostThreads = 8;  // that a group is made for; each of them has as many of its units
// Such a gradient has sums of its own for either half of the images where a half makes groups enough and the
// sums are not too many. Two threads take a half each: what one thread has read, another one is slow to write
// over, at 7 GB/s instead of 80 on two cores of a Zen 5 that seem to have no third-level cache in common.
constexpr Index kHalves = 2;
constexpr Index kHalfGroups = 2;
constexpr Index kHalvesSums = 4 << 20;
constexpr Index kChunkMultiple = 12;  // rows of a register tile
// A gradient of no more than kLaneSums values has sums of its own for each of kLanes shares of the images
// instead: they stay in a second-level cache beside a chunk's transforms, which need not stay at all.
constexpr Index kLaneSums = 160 << 10;
constexpr Index kLaneFloats = 96 << 10;
constexpr Index kLanes = 16;

// How a problem is cut. Results depend on the geometry alone: into how many groups a sum over tiles is cut does
// not change in which order they are added.
struct Plan {
  Index points, tiles;          // tiles of one image
  Index in, out;                // channels
  Index in_pixels, out_pixels;  // of one image
  Index chunk;                  // tiles computed at once
  Index unit;                   // images one thread takes at once: more than one where they have few tiles
  bool in_lanes;                // how the filters' gradient is summed

  explicit Plan(const Conv2dGeometry& g) {
    const kernels::WinogradTiles cut = kernels_in_use().winograd_tiles(g);
    points = cut.points;
    tiles = cut.rows * cut.columns;
    in = g.in_channels;
    out = g.out_channels;
    in_pixels = g.in_height * g.in_width;
    out_pixels = g.out_height * g.out_width;
    const Index tile_floats = points * (in + out);
    in_lanes = points * in * out <= kLaneSums;
    const Index fit_chunk = (in_lanes ? kLaneFloats : kChunkFloats) / tile_floats;
    chunk = std::max<Index>(1, fit_chunk / kChunkMultiple) * kChunkMultiple;
    unit = std::max<Index>(1, chunk / tiles);
  }
  // Units whose transforms are summed over together, by so many threads.
  Index units_in_group(Index threads) const {
    const Index unit_floats = points * (in + out) * tiles * unit;
    const Index far_floats = std::max(kFarGroupFloats, kFarGroupSums * points * in * out);
    const Index fitting = (unit_floats <= kGroupFloats ? kGroupFloats : far_floats) / unit_floats;
    const Index at_once = std::clamp<Index>(threads, 1, kMostThreads);
    return std::max<Index>(1, fitting / at_once) * at_once;
  }
  Index units(Index images) const { return (images + unit - 1) / unit; }
  // Shares of the images that a gradient summed by groups has sums for.
  Index shares(Index images) const {
    const bool fits = units(images) >= kHalves * kHalfGroups * units_in_group(1) &&
                      kHalves * points * in * out <= kHalvesSums;
    return fits ? kHalves : 1;
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
                  const Conv2dGeometry& g, const Plan& plan, bool relu, ConvLayouts layouts) {
  const KernelTable& kernels = kernels_in_use();
  const Index step = point_step(plan.chunk, std::max(plan.in, plan.out));
  const Index x_size = plan.in_pixels * plan.in;
  const Index y_size = plan.out_pixels * plan.out;
  Tensor x_room = Tensor::uninitialized({plan.unit, x_size});
  Tensor y_room = Tensor::uninitialized({plan.unit, y_size});
  // A point's product goes where the transforms of the point before lay, which are in a first-level cache
  // still.
  Tensor room = Tensor::uninitialized({plan.points + 1, step});
  float* const m = room.mutable_data();
  float* const v = m + step;
  const float* x_last = channels_last(x_room, x, nullptr, images, plan.in, plan.in_pixels, layouts.x);
  Results y_last(y, y_room, plan.out, plan.out_pixels, layouts.y);
  for_each_chunk(plan, images, [&](Index first, Index last) {
    for_each_part(plan, first, last, [&](Index image, Index begin, Index end, Index offset) {
      kernels.winograd_input(v + offset * plan.in, step, x_last + image * x_size, g, begin, end);
    });
    for (Index p = 0; p < plan.points; ++p) {
      kernels.winograd_product(m + p * step, v + p * step, filter + p * plan.in * plan.out, last - first,
                               plan.out, plan.in);
    }
    for_each_part(plan, first, last, [&](Index image, Index begin, Index end, Index offset) {
      kernels.winograd_output(y_last.data() + image * y_size, m + offset * plan.out, step, b, relu, g, begin,
                              end);
    });
  });
  y_last.finish(images);
}

// Transforms over which the filters' gradient is summed.
struct Transforms {
  Tensor v, dm;  // [point][tile][channel]
  Index v_step, dm_step;

  Transforms(const Plan& plan, Index tiles)
      : v_step(point_step(tiles, plan.in)), dm_step(point_step(tiles, plan.out)) {
    v = Tensor::uninitialized({plan.points, v_step});
    dm = Tensor::uninitialized({plan.points, dm_step});
  }
  void products(float* du, Index point, Index tiles, const Plan& plan, bool add) const {
    kernels_in_use().winograd_filter_product(du + point * plan.in * plan.out, v.data() + point * v_step,
                                             dm.data() + point * dm_step, tiles, plan.in, plan.out, add);
  }
};

// What is computed image by image.
struct Backward {
  const Conv2dGeometry& g;
  const Plan& plan;
  const float* filter_transposed;
  float* all_dx;                                  // may be null
  const float *all_dy, *all_relu_output, *all_x;  // of all images; no ReLU where its output is null
  Index n;
  float* unit_db;  // [unit][out], or null
  ConvLayouts layouts;

  // A unit's images [first_image, end_image). The transforms are written from `tile` on. Where `du` is not
  // null, each chunk's overwrite the last one's, and their products are added to it; without `add` those of
  // the first chunk are written over it.
  void run(Index first_image, Index end_image, Transforms& transforms, Index tile, float* du, bool add) const {
    const KernelTable& kernels = kernels_in_use();
    const Index x_size = plan.in_pixels * plan.in;
    const Index y_size = plan.out_pixels * plan.out;
    const Index images = end_image - first_image;
    const auto from_first = [=](auto* all, Index size) {
      return all != nullptr ? all + first_image * size : all;
    };
    float* dx = from_first(all_dx, x_size);
    const float *x = from_first(all_x, x_size), *dy = from_first(all_dy, y_size);
    const float* relu_output = from_first(all_relu_output, y_size);
    Tensor x_room = Tensor::uninitialized({plan.unit, x_size});
    Tensor dy_room = Tensor::uninitialized({plan.unit, y_size});
    Tensor dx_room = Tensor::uninitialized({plan.unit, x_size});
    const float* x_last = channels_last(x_room, x, nullptr, images, plan.in, plan.in_pixels, layouts.x);
    const float* dy_last =
        channels_last(dy_room, dy, relu_output, images, plan.out, plan.out_pixels, layouts.y);
    Results dx_last(dx, dx_room, plan.in, plan.in_pixels, layouts.x);
    if (unit_db != nullptr) {
      kernels.sum_rows(unit_db + first_image / plan.unit * plan.out, dy_last, images * plan.out_pixels,
                       plan.out);
    }
    const Index dv_step = point_step(plan.chunk, plan.in);
    Tensor dv = Tensor::uninitialized({plan.points, dv_step});
    for_each_chunk(plan, images, [&](Index first, Index last) {
      const Index place = du != nullptr ? 0 : tile + first;
      float* v = transforms.v.mutable_data() + place * plan.in;
      float* dm = transforms.dm.mutable_data() + place * plan.out;
      for_each_part(plan, first, last, [&](Index image, Index begin, Index end, Index offset) {
        kernels.winograd_input(v + offset * plan.in, transforms.v_step, x_last + image * x_size, g, begin, end);
        kernels.winograd_output_gradient(dm + offset * plan.out, transforms.dm_step, dy_last + image * y_size,
                                         g, begin, end);
      });
      for (Index p = 0; du != nullptr && p < plan.points; ++p) {
        transforms.products(du, p, last - first, plan, add || first > 0);
      }
      if (dx == nullptr) return;
      for (Index p = 0; p < plan.points; ++p) {
        kernels.winograd_product(dv.mutable_data() + p * dv_step, dm + p * transforms.dm_step,
                                 filter_transposed + p * plan.in * plan.out, last - first, plan.in, plan.out);
      }
      for_each_part(plan, first, last, [&](Index image, Index begin, Index end, Index offset) {
        kernels.winograd_input_gradient(dx_last.data() + image * x_size, dv.data() + offset * plan.in, dv_step,
                                        g, begin, end);
      });
    });
    if (dx != nullptr) dx_last.finish(images);
  }

  // For `chunks` of run() at once, with the transforms of so many tiles each where they have their own.
  void reserve(Index chunks, Index own_tiles) const {
    const Index v_size = own_tiles > 0 ? plan.points * point_step(own_tiles, plan.in) : 0;
    const Index dm_size = own_tiles > 0 ? plan.points * point_step(own_tiles, plan.out) : 0;
    const Index x_size = plan.unit * plan.in_pixels * plan.in, y_size = plan.unit * plan.out_pixels * plan.out;
    reserve_scratch({x_size, y_size, x_size, plan.points * point_step(plan.chunk, plan.in), v_size, dm_size},
                    chunks);
  }
};

}  // namespace

void forward(float* y, const float* x, const float* filter, const float* b, Index n, const Conv2dGeometry& g,
             bool relu, ConvLayouts layouts) {
  const Plan plan(g);
  reserve_scratch({plan.unit * plan.in_pixels * plan.in, plan.unit * plan.out_pixels * plan.out,
                   (plan.points + 1) * point_step(plan.chunk, std::max(plan.in, plan.out))},
                  plan.units(n));
  parallel_for_ranges(n, plan.unit, [&](Index begin, Index end) {
    forward_unit(y + begin * plan.out * plan.out_pixels, x + begin * plan.in * plan.in_pixels, filter, b,
                 end - begin, g, plan, relu, layouts);
  });
}

namespace {

// sums[0] += sums[1] + ..., each a row.
void add_rows(Tensor& sums) {
  if (sums.dim(0) == 1) return;
  const Index size = sums.dim(1);
  parallel_for_ranges(size, 1 << 12, [&](Index begin, Index end) {
    for (Index row = 1; row < sums.dim(0); ++row) {
      kernels_in_use().accumulate(sums.mutable_data() + begin, sums.data() + row * size + begin, end - begin);
    }
  });
}

// du [point][in][out] of the units [first_unit, end_unit), a group at a time: its transforms are all written,
// and then each point's product is one.
void sum_groups(float* du, const Backward& backward, Index first_unit, Index end_unit, Index units_in_group) {
  const Plan& plan = backward.plan;
  Transforms transforms(plan, std::min(end_unit - first_unit, units_in_group) * plan.unit * plan.tiles);
  for (Index u = first_unit; u < end_unit; u += units_in_group) {
    const Index first = u * plan.unit;
    const Index images = std::min(backward.n, std::min(end_unit, u + units_in_group) * plan.unit) - first;
    parallel_for_ranges(images, plan.unit, [&](Index begin, Index end) {
      backward.run(first + begin, first + end, transforms, begin * plan.tiles, nullptr, false);
    });
    parallel_for(plan.points,
                 [&](Index p) { transforms.products(du, p, images * plan.tiles, plan, u > first_unit); });
  }
}

// The gradient [point][in][out] from sums for each share of the images, by groups of them.
Tensor summed_by_groups(const Backward& backward) {
  const Plan& plan = backward.plan;
  const Index units = plan.units(backward.n), shares = plan.shares(backward.n);
  Tensor sums = Tensor::uninitialized({shares, plan.points * plan.in * plan.out});
  const auto sum_share = [&](Index share, Index threads) {
    sum_groups(sums.mutable_data() + share * sums.dim(1), backward, share * units / shares,
               (share + 1) * units / shares, plan.units_in_group(threads));
  };
  const Index threads = mien::detail::in_parallel_work() ? 1 : thread_count();
  if (threads == shares) {
    backward.reserve(shares, std::min(units / shares, plan.units_in_group(1)) * plan.unit * plan.tiles);
    parallel_for(shares, [&](Index share) { sum_share(share, 1); });
  } else {
    backward.reserve(plan.units_in_group(threads), 0);
    for (Index share = 0; share < shares; ++share) sum_share(share, threads);
  }
  add_rows(sums);
  return sums;
}

// The same from a sum for each share of the images; the first of them becomes that of all.
Tensor summed_by_lanes(const Backward& backward) {
  const Plan& plan = backward.plan;
  const Index units = plan.units(backward.n), lanes = std::min(kLanes, units);
  backward.reserve(lanes, plan.chunk);
  Tensor sums = Tensor::uninitialized({lanes, plan.points * plan.in * plan.out});
  parallel_for(lanes, [&](Index lane) {
    Transforms transforms(plan, plan.chunk);
    const Index begin = lane * units / lanes, end = (lane + 1) * units / lanes;
    for (Index u = begin; u < end; ++u) {
      backward.run(u * plan.unit, std::min(backward.n, (u + 1) * plan.unit), transforms, 0,
                   sums.mutable_data() + lane * sums.dim(1), u > begin);
    }
  });
  add_rows(sums);
  return sums;
}

}  // namespace

void backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output, const float* x,
              const float* transposed_filter, Index n, const Conv2dGeometry& g, ConvLayouts layouts) {
  const Plan plan(g);
  if (n == 0) {
    std::fill_n(gradients.dw, plan.in * plan.out * g.kernel_height * g.kernel_width, 0.0f);
    if (gradients.db != nullptr) std::fill_n(gradients.db, plan.out, 0.0f);
    return;
  }
  Tensor unit_db;
  if (gradients.db != nullptr) unit_db = Tensor::uninitialized({plan.units(n), plan.out});
  const Backward images{.g = g,
                        .plan = plan,
                        .filter_transposed = transposed_filter,
                        .all_dx = gradients.dx,
                        .all_dy = dy,
                        .all_relu_output = relu_output,
                        .all_x = x,
                        .n = n,
                        .unit_db = gradients.db != nullptr ? unit_db.mutable_data() : nullptr,
                        .layouts = layouts};
  const Tensor du = plan.in_lanes ? summed_by_lanes(images) : summed_by_groups(images);
  constexpr Index kChannels = 8;
  parallel_for_ranges(plan.in, kChannels, [&](Index begin, Index end) {
    kernels_in_use().winograd_filter_gradient(gradients.dw, du.data(), g, begin, end);
  });
  if (gradients.db != nullptr) {
    kernels_in_use().sum_rows(gradients.db, unit_db.data(), unit_db.dim(0), plan.out);
  }
}

}  // namespace mien::ops::winograd
