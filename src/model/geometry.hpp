// From a node to the geometry that its operation takes.
#pragma once

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

}  // namespace mien::model
