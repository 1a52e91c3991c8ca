// From a node to the geometry that its operation takes.
#pragma once

#include "mien/model/graph.hpp"
#include "ops/geometry.hpp"

namespace mien::model {

inline ops::ImageExtent image_of(const Node& node) {
  return {node.input()[0], node.input()[1], node.input()[2]};
}

inline kernels::Conv2dGeometry geometry_of(const Node& node, const ConvSpec& s) {
  return ops::conv2d_geometry(image_of(node), s.out, s.kernel, s.kernel, s.stride, s.padding, node.name);
}

/// Of a pooling layer that reads values of `shape`.
template <typename Pool>
kernels::Pool2dGeometry pool_geometry(const Shape& shape, const Pool& s, const std::string& where) {
  return ops::pool2d_geometry({shape[0], shape[1], shape[2]}, s.kernel, s.stride, s.padding, where);
}

}  // namespace mien::model
