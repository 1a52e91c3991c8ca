#include <string>
#include <utility>

#include "autograd/check.hpp"
#include "autograd/conv_gradients.hpp"
#include "autograd/max_pool.hpp"
#include "mien/autograd/ops.hpp"
#include "ops/geometry.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {
namespace {

ops::Conv2dGeometry geometry(const Shape& x, const Shape& w, Index stride, Padding padding) {
  require_image("conv2d", x);
  if (w.rank() != 4) fail("conv2d", "weight expects 4 axes, got " + w.to_string());
  if (w[1] != x[1]) {
    fail("conv2d", "weight expects " + std::to_string(w[1]) + " channels, input has " + std::to_string(x[1]));
  }
  return ops::conv2d_geometry({x[1], x[2], x[3]}, w[0], {{w[2], w[3]}, stride, padding}, "conv2d");
}

// Operands of a convolution, checked.
struct Operands {
  const Variable& x;
  const Variable& w;
  const Variable* b;
  ops::Conv2dGeometry g;
  ops::ConvLayouts layouts;
  Precision precision;

  Index n() const { return x.shape()[0]; }
  const float* bias() const { return b != nullptr ? b->value().data() : nullptr; }
  Shape output() const { return {n(), g.out_channels, g.out_height, g.out_width}; }
  Variable record(const Tensor& y, Tape::Backward backward) const {
    return x.tape().record(y, {x, w, b != nullptr ? *b : x.tape().constant({})}, std::move(backward));
  }
};

Variable plain(const Operands& in, bool relu) {
  Tensor y = Tensor::uninitialized(in.output());
  ops::conv2d_forward(y.mutable_data(), in.x.value().data(), in.w.value().data(), in.bias(), in.n(), in.g, relu,
                      {}, in.layouts, in.precision);
  return in.record(
      y, [x = in.x.value(), w = in.w.value(), relu_output = relu ? y : Tensor(), g = in.g, layouts = in.layouts,
          precision = in.precision, share = in.x.tape().share()](const Tensor& dy, InputGradients& gradients) {
        // Once, not for each part of a batch.
        Tensor filter;
        if (share != nullptr && gradients.needed(0)) {
          filter = ops::prepare_transposed_filter(w.data(), g, precision);
        }
        add_conv_gradients(gradients, x, w, share, [&](const ops::Conv2dGradients& to, Index first, Index n) {
          ops::conv2d_backward(to, images_from(dy, first), images_from(relu_output, first),
                               images_from(x, first), w.data(), n, g, filter, layouts, precision);
        });
      });
}

Variable pooled(const Operands& in, bool relu, const ops::Pool2dGeometry& pool) {
  Tensor y = Tensor::uninitialized({in.n(), pool.planes, pool.out_height, pool.out_width});
  Tensor argmax = argmax_of(y);
  ops::conv2d_max_pool_forward(y.mutable_data(), bytes(argmax), in.x.value().data(), in.w.value().data(),
                               in.bias(), in.n(), in.g, relu, pool);
  return in.record(y, [x = in.x.value(), w = in.w.value(), relu_output = relu ? y : Tensor(), argmax, g = in.g,
                       pool, pooled = y.size() / in.n(),
                       share = in.x.tape().share()](const Tensor& dy, InputGradients& gradients) {
    add_conv_gradients(gradients, x, w, share, [&](const ops::Conv2dGradients& to, Index first, Index n) {
      ops::conv2d_max_pool_backward(to, images_from(dy, first),
                                    {images_from(relu_output, first), bytes(argmax) + first * pooled},
                                    images_from(x, first), w.data(), n, g, pool);
    });
  });
}

void require_layouts(const Operands& in, const Conv2dOptions& options) {
  const bool any_last = options.input == Layout::channels_last || options.output == Layout::channels_last;
  if (any_last && !ops::conv2d_takes_layouts(in.g)) {
    fail("conv2d",
         "images lie channels-last for filters 3x3 or 5x5 of stride 1 and channels in multiples of 16, got " +
             in.w.shape().to_string() + ", stride " + std::to_string(options.stride));
  }
  if (options.max_pool && (any_last || options.max_pool->layout == Layout::channels_last)) {
    fail("conv2d", "images lie channels-first with max_pool");
  }
}

}  // namespace

Variable conv2d(const Variable& x, const Variable& w, const Variable* b, const Conv2dOptions& options) {
  const Operands in{x,
                    w,
                    b,
                    geometry(x.shape(), w.shape(), options.stride, options.padding),
                    {options.input, options.output},
                    options.precision};
  if (b != nullptr) require_vector("conv2d", "bias", b->shape(), in.g.out_channels);
  require_layouts(in, options);
  if (!options.max_pool) return plain(in, options.relu);
  const ops::Pool2dGeometry pool = max_pool_geometry(in.output(), *options.max_pool);
  if (!ops::conv2d_pools(in.g)) return max_pool2d(plain(in, options.relu), *options.max_pool);
  return pooled(in, options.relu, pool);
}

}  // namespace mien::autograd
