#include "ops/join.hpp"

#include <string>
#include <vector>

#include "autograd/check.hpp"
#include "mien/autograd/ops.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {

Variable add(const Variable& a, const Variable& b, bool relu) {
  if (a.shape() != b.shape()) {
    fail("add", "shapes differ: " + a.shape().to_string() + " and " + b.shape().to_string());
  }
  Tensor y = Tensor::uninitialized(a.shape());
  ops::add(y.mutable_data(), a.value().data(), b.value().data(), y.size(), relu);
  auto backward = [relu_output = relu ? y : Tensor()](const Tensor& dy, InputGradients& gradients) {
    Tensor d = dy;
    if (relu_output.defined()) {
      d = Tensor::uninitialized(dy.shape());
      ops::relu_backward(d.mutable_data(), dy.data(), relu_output.data(), d.size());
    }
    // Both share it: a gradient that has another added to it becomes a new tensor.
    gradients.add(0, Gradient::dense(d));
    gradients.add(1, Gradient::dense(d));
  };
  return a.tape().record(y, {a, b}, std::move(backward));
}

Variable gate(const Variable& x, const Variable& gates) {
  require_image("gate", x.shape());
  const Shape s = x.shape();
  if (gates.shape() != Shape{s[0], s[1]}) {
    fail("gate",
         "expects gates of shape " + Shape{s[0], s[1]}.to_string() + ", got " + gates.shape().to_string());
  }
  const Index planes = s[0] * s[1], pixels = s[2] * s[3];
  Tensor y = Tensor::uninitialized(s);
  ops::gate_forward(y.mutable_data(), x.value().data(), gates.value().data(), planes, pixels);
  auto backward = [x_value = x.value(), gate_values = gates.value(), planes, pixels](
                      const Tensor& dy, InputGradients& gradients) {
    Tensor dx = gradients.needed(0) ? Tensor::uninitialized(x_value.shape()) : Tensor();
    Tensor dgates = Tensor::uninitialized(gate_values.shape());
    ops::gate_backward(dx.defined() ? dx.mutable_data() : nullptr, dgates.mutable_data(), dy.data(),
                       x_value.data(), gate_values.data(), planes, pixels);
    if (dx.defined()) gradients.add(0, Gradient::dense(dx));
    gradients.add(1, Gradient::dense(dgates));
  };
  return x.tape().record(y, {x, gates}, std::move(backward));
}

namespace {

// The shape of values joined along their second axis.
Shape joined_shape(std::span<const Variable> parts) {
  if (parts.empty()) fail("concat", "nothing to join");
  const Shape& first = parts[0].shape();
  if (first.rank() < 2) fail("concat", "expects N x C ..., input is " + first.to_string());
  std::vector<Index> extents(first.extents().begin(), first.extents().end());
  for (const Variable& part : parts.subspan(1)) {
    const Shape& s = part.shape();
    bool fits = s.rank() == first.rank();
    for (std::size_t axis = 0; fits && axis < s.rank(); ++axis) fits = axis == 1 || s[axis] == first[axis];
    if (!fits) fail("concat", "cannot join " + s.to_string() + " to " + first.to_string());
    extents[1] += s[1];
  }
  return Shape(extents);
}

// Values an image; also where there is none.
Index image_size(const Shape& s) {
  return Shape(s.extents().subspan(1)).size();
}

}  // namespace

Variable concat(std::span<const Variable> parts) {
  Tensor y = Tensor::uninitialized(joined_shape(parts));
  const Index n = y.dim(0);
  std::vector<ops::ConcatPart> from;
  std::vector<Shape> shapes;
  for (const Variable& part : parts) {
    from.push_back({part.value().data(), image_size(part.shape())});
    shapes.push_back(part.shape());
  }
  ops::concat(y.mutable_data(), from, n);
  auto backward = [shapes, n](const Tensor& dy, InputGradients& gradients) {
    std::vector<Tensor> slices(shapes.size());
    std::vector<ops::SplitPart> to;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (gradients.needed(i)) slices[i] = Tensor::uninitialized(shapes[i]);
      to.push_back({gradients.needed(i) ? slices[i].mutable_data() : nullptr, image_size(shapes[i])});
    }
    ops::split(to, dy.data(), n);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (gradients.needed(i)) gradients.add(i, Gradient::dense(slices[i]));
    }
  };
  return parts[0].tape().record(y, parts, std::move(backward));
}

Variable upsample2x(const Variable& x) {
  require_image("upsample2x", x.shape());
  const Shape s = x.shape();
  Tensor y = Tensor::uninitialized({s[0], s[1], 2 * s[2], 2 * s[3]});
  ops::upsample2x_forward(y.mutable_data(), x.value().data(), s[0] * s[1], s[2], s[3]);
  auto backward = [s](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(s);
    ops::upsample2x_backward(dx.mutable_data(), dy.data(), s[0] * s[1], s[2], s[3]);
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

}  // namespace mien::autograd
