// From shapes to the geometry kernels take. `where` prefixes the message when no window fits.
#pragma once

#include <string>

#include "kernels/kernel_table.hpp"
#include "mien/core/window.hpp"

namespace mien::ops {

struct ImageExtent {
  Index channels, height, width;
};

inline kernels::Conv2dGeometry conv2d_geometry(const ImageExtent& in, Index out_channels, Index kernel_height,
                                               Index kernel_width, Index stride, Padding padding,
                                               const std::string& where) {
  const WindowAxis rows = window_axis(in.height, kernel_height, stride, padding, where);
  const WindowAxis columns = window_axis(in.width, kernel_width, stride, padding, where);
  return {.in_channels = in.channels,
          .in_height = in.height,
          .in_width = in.width,
          .out_channels = out_channels,
          .out_height = rows.output,
          .out_width = columns.output,
          .kernel_height = kernel_height,
          .kernel_width = kernel_width,
          .stride = stride,
          .pad_top = rows.pad_before,
          .pad_left = columns.pad_before};
}

inline kernels::Pool2dGeometry pool2d_geometry(const ImageExtent& in, Index kernel, Index stride,
                                               Padding padding, const std::string& where) {
  const WindowAxis rows = window_axis(in.height, kernel, stride, padding, where);
  const WindowAxis columns = window_axis(in.width, kernel, stride, padding, where);
  return {.planes = in.channels,
          .in_height = in.height,
          .in_width = in.width,
          .out_height = rows.output,
          .out_width = columns.output,
          .kernel = kernel,
          .stride = stride,
          .pad_top = rows.pad_before,
          .pad_left = columns.pad_before};
}

inline kernels::DepthwiseGeometry depthwise_geometry(const ImageExtent& in, Index kernel, Index stride,
                                                     Padding padding, const std::string& where) {
  const WindowAxis rows = window_axis(in.height, kernel, stride, padding, where);
  const WindowAxis columns = window_axis(in.width, kernel, stride, padding, where);
  return {.planes = in.channels,
          .in_height = in.height,
          .in_width = in.width,
          .out_height = rows.output,
          .out_width = columns.output,
          .kernel = kernel,
          .stride = stride,
          .pad_top = rows.pad_before,
          .pad_left = columns.pad_before};
}

}  // namespace mien::ops
