#include "ops/depthwise.hpp"

#include <string>

#include "autograd/check.hpp"
#include "autograd/conv_gradients.hpp"
#include "mien/autograd/ops.hpp"
#include "ops/geometry.hpp"

namespace mien::autograd {
namespace {

ops::DepthwiseGeometry geometry(const Shape& x, const Shape& w, const DepthwiseConv2dOptions& options) {
  constexpr const char* kOp = "depthwise_conv2d";
  require_image(kOp, x);
  if (w.rank() != 4 || w[1] != 1 || w[2] != w[3]) {
    fail(kOp, "weight expects shape C x 1 x K x K, got " + w.to_string());
  }
  if (w[0] != x[1]) {
    fail(kOp, "weight expects " + std::to_string(w[0]) + " channels, input has " + std::to_string(x[1]));
  }
  if (w[2] < 1 || w[2] > kernels::kMostDepthwiseKernel) {
    fail(kOp, "filter edge must be 1 to " + std::to_string(kernels::kMostDepthwiseKernel) + ", got " +
                  std::to_string(w[2]));
  }
  return ops::depthwise_geometry({x[1], x[2], x[3]}, {w[2], options.stride, options.padding}, kOp);
}

}  // namespace

Variable depthwise_conv2d(const Variable& x, const Variable& w, const Variable* b,
                          const DepthwiseConv2dOptions& options) {
  const ops::DepthwiseGeometry g = geometry(x.shape(), w.shape(), options);
  if (b != nullptr) require_vector("depthwise_conv2d", "bias", b->shape(), g.planes);
  const Index n = x.shape()[0];
  Tensor y = Tensor::uninitialized({n, g.planes, g.out_height, g.out_width});
  ops::depthwise_forward(y.mutable_data(), x.value().data(), w.value().data(),
                         b != nullptr ? b->value().data() : nullptr, n, g, options.relu);
  auto backward = [x_value = x.value(), w_value = w.value(), relu_output = options.relu ? y : Tensor(), g,
                   share = x.tape().share()](const Tensor& dy, InputGradients& gradients) {
    add_conv_gradients(gradients, x_value, w_value, share,
                       [&](const ops::Conv2dGradients& to, Index first, Index images) {
                         ops::depthwise_backward(to, images_from(dy, first), images_from(relu_output, first),
                                                 images_from(x_value, first), w_value.data(), images, g);
                       });
  };
  return x.tape().record(y, {x, w, b != nullptr ? *b : x.tape().constant({})}, std::move(backward));
}

}  // namespace mien::autograd
