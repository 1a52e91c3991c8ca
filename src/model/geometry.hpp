// From a node to the geometry that its operation takes.
#pragma once

#include <algorithm>

#include "mien/model/graph.hpp"
#include "ops/geometry.hpp"

namespace mien::model {

inline ops::ImageExtent image_extent(const Shape& image) {
  return {image[0], image[1], image[2]};
}

inline kernels::Conv2dGeometry geometry_of(const Node& node, const ConvSpec& s) {
  return ops::conv2d_geometry(image_extent(node.input()), s.out, {s.kernel, s.stride, s.padding}, node.name);
}

inline kernels::DepthwiseGeometry geometry_of(const Node& node, const DwConvSpec& s) {
  return ops::depthwise_geometry(image_extent(node.input()), {s.kernel, s.stride, s.padding}, node.name);
}

/// Of a pooling layer that reads values of `shape`.
template <typename Pool>
kernels::Pool2dGeometry pool_geometry(const Shape& shape, const Pool& s, const std::string& where) {
  return ops::pool2d_geometry(image_extent(shape), {s.kernel, s.stride, s.padding}, where);
}

/// The zeros that a layer's windows cover, whatever words say where they go.
template <typename Window>
Padding covered_zeros(const Node& node, const Window& s) {
  const WindowSize window = s.kernel;
  const auto zeros = [&](std::size_t axis, Index edge, const AxisPadding& padding) {
    const Index extent = node.input()[axis];
    const WindowAxis at = window_axis(extent, edge, s.stride, padding, node.name);
    const Index behind = (at.output - 1) * s.stride + edge - extent - at.pad_before;
    return AxisPadding{AxisPadding::Kind::zeros, at.pad_before, std::max<Index>(behind, 0)};
  };
  const AxisPadding rows = zeros(1, window.height, s.padding.rows());
  const AxisPadding columns = zeros(2, window.width, s.padding.columns());
  return Padding::zeros(rows.before, columns.before, rows.after, columns.after);
}

}  // namespace mien::model
