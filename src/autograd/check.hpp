// Shape checks the operations share; messages read `[op] what`.
#pragma once

#include <string>

#include "mien/core/error.hpp"
#include "mien/core/tensor.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {

[[noreturn]] inline void fail(const char* op, const std::string& what) {
  throw ArgumentError("[" + std::string(op) + "] " + what);
}

inline void require_image(const char* op, const Shape& x) {
  if (x.rank() != 4) fail(op, "expects images N x C x H x W, input is " + x.to_string());
}

inline void require_vector(const char* op, const char* name, const Shape& v, Index size) {
  if (v != Shape{size}) {
    fail(op, std::string(name) + " expects shape " + std::to_string(size) + ", got " + v.to_string());
  }
}

// N x C x H x W, or N x C with one pixel each.
inline ops::ChannelExtents require_channels(const char* op, const Shape& x) {
  if (x.rank() != 4 && x.rank() != 2) fail(op, "expects N x C x H x W or N x C, input is " + x.to_string());
  return {x[0], x[1], x.rank() == 4 ? x[2] * x[3] : 1};
}

}  // namespace mien::autograd
