// From shapes to the geometry kernels take. `where` prefixes the message when no window fits.
#pragma once

#include <algorithm>
#include <string>

#include "kernels/kernel_table.hpp"
#include "mien/core/error.hpp"
#include "mien/core/window.hpp"

namespace mien::ops {

struct ImageExtent {
  Index channels, height, width;
};

/// How a window slides over an image.
struct Sliding {
  WindowSize window;
  Index stride;
  Padding padding;

  WindowAxis rows(const ImageExtent& in, const std::string& where) const {
    return window_axis(in.height, window.height, stride, padding.rows(), where);
  }
  WindowAxis columns(const ImageExtent& in, const std::string& where) const {
    return window_axis(in.width, window.width, stride, padding.columns(), where);
  }
};

/// Throws ArgumentError unless every window covers something of the image.
inline void require_covering(const Sliding& sliding, const std::string& where) {
  const Index edge = std::min(sliding.window.height, sliding.window.width);
  const Padding& p = sliding.padding;
  for (const Index pad : {p.top, p.left, p.bottom, p.right}) {
    if (pad < edge) continue;
    throw ArgumentError("[" + where + "] padding must be less than the window of " + std::to_string(edge) +
                        ", got " + std::to_string(pad));
  }
}

inline kernels::Conv2dGeometry conv2d_geometry(const ImageExtent& in, Index out_channels,
                                               const Sliding& sliding, const std::string& where) {
  const WindowAxis rows = sliding.rows(in, where), columns = sliding.columns(in, where);
  return {.in_channels = in.channels,
          .in_height = in.height,
          .in_width = in.width,
          .out_channels = out_channels,
          .out_height = rows.output,
          .out_width = columns.output,
          .kernel_height = sliding.window.height,
          .kernel_width = sliding.window.width,
          .stride = sliding.stride,
          .pad_top = rows.pad_before,
          .pad_left = columns.pad_before};
}

/// Of a square window that moves over each plane by itself, Geometry being Pool2dGeometry or DepthwiseGeometry.
template <typename Geometry>
Geometry planes_geometry(const ImageExtent& in, const Sliding& sliding, const std::string& where) {
  require_covering(sliding, where);
  const WindowAxis rows = sliding.rows(in, where), columns = sliding.columns(in, where);
  return {.planes = in.channels,
          .in_height = in.height,
          .in_width = in.width,
          .out_height = rows.output,
          .out_width = columns.output,
          .kernel = sliding.window.height,
          .stride = sliding.stride,
          .pad_top = rows.pad_before,
          .pad_left = columns.pad_before};
}

inline kernels::DepthwiseGeometry depthwise_geometry(const ImageExtent& in, const Sliding& sliding,
                                                     const std::string& where) {
  return planes_geometry<kernels::DepthwiseGeometry>(in, sliding, where);
}

inline kernels::Pool2dGeometry pool2d_geometry(const ImageExtent& in, const Sliding& sliding,
                                               const std::string& where) {
  return planes_geometry<kernels::Pool2dGeometry>(in, sliding, where);
}

}  // namespace mien::ops
