#include "mien/model/layers/pool.hpp"

#include "autograd/check.hpp"
#include "autograd/max_pool.hpp"
#include "mien/autograd/ops.hpp"
#include "ops/geometry.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {
namespace {

ops::Pool2dGeometry geometry(const char* op, const Shape& x, Index kernel, Index stride, Padding padding) {
  require_image(op, x);
  constexpr model::Limits<Index> kWindow = model::kPoolWindow;
  if (kernel < kWindow.low || kernel > kWindow.high) {
    fail(op, "window edge must be " + std::to_string(kWindow.low) + " to " + std::to_string(kWindow.high) +
                 ", got " + std::to_string(kernel));
  }
  return ops::pool2d_geometry({x[1], x[2], x[3]}, {kernel, stride, padding}, op);
}

}  // namespace

ops::Pool2dGeometry max_pool_geometry(const Shape& x, const MaxPoolOptions& options) {
  return geometry("max_pool2d", x, options.kernel, options.stride, options.padding);
}

Variable max_pool2d(const Variable& x, const MaxPoolOptions& options) {
  const ops::Pool2dGeometry g = max_pool_geometry(x.shape(), options);
  const Index n = x.shape()[0];
  Tensor y = Tensor::uninitialized({n, g.planes, g.out_height, g.out_width});
  Tensor argmax = argmax_of(y);
  ops::max_pool2d_forward(y.mutable_data(), bytes(argmax), x.value().data(), n, g, options.layout);
  auto backward = [argmax, shape = x.shape(), n, g, layout = options.layout](const Tensor& dy,
                                                                             InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(shape);
    ops::max_pool2d_backward(dx.mutable_data(), dy.data(), bytes(argmax), n, g, layout);
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

Variable avg_pool2d(const Variable& x, Index kernel, Index stride, Padding padding) {
  const ops::Pool2dGeometry g = geometry("avg_pool2d", x.shape(), kernel, stride, padding);
  const Index n = x.shape()[0];
  Tensor y = Tensor::uninitialized({n, g.planes, g.out_height, g.out_width});
  ops::avg_pool2d_forward(y.mutable_data(), x.value().data(), n, g);
  auto backward = [shape = x.shape(), n, g](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(shape);
    ops::avg_pool2d_backward(dx.mutable_data(), dy.data(), n, g);
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

Variable global_avg_pool(const Variable& x) {
  require_image("global_avg_pool", x.shape());
  const Shape shape = x.shape();
  Tensor y = Tensor::uninitialized({shape[0], shape[1]});
  ops::global_avg_pool_forward(y.mutable_data(), x.value().data(), shape[0] * shape[1], shape[2] * shape[3]);
  auto backward = [shape](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(shape);
    ops::global_avg_pool_backward(dx.mutable_data(), dy.data(), shape[0] * shape[1], shape[2] * shape[3]);
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

}  // namespace mien::autograd
