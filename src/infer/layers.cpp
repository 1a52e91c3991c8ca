// The operations of each kind of layer.
#include "infer/step.hpp"
#include "model/geometry.hpp"
#include "model/kinds.hpp"
#include "ops/depthwise.hpp"
#include "ops/few_images.hpp"
#include "ops/join.hpp"
#include "ops/ops.hpp"

namespace mien::infer {
namespace {

using model::Node;

// One operator a kind; the compiler names the kind that has none.
struct Run {
  Step& step;
  float* y;
  std::span<const float* const> inputs;
  std::uint8_t* argmax;
  Index n;
  const Node& node = step.node;
  const float* x = inputs[0];

  const float* bias() const { return step.bias.defined() ? step.bias.data() : nullptr; }
  bool relu() const { return node.then<model::ReluSpec>() != nullptr; }
  Index channels() const { return node.input()[0]; }
  Index pixels() const { return node.input().size() / channels(); }

  void operator()(const model::ConvSpec& s) const {
    const kernels::Conv2dGeometry g = model::geometry_of(node, s);
    const auto* pool = node.then<model::MaxPoolSpec>();
    if (pool == nullptr) return convolve(g);
    const kernels::Pool2dGeometry pool_g = model::pool_geometry(node.output, *pool, node.name);
    ops::conv2d_max_pool_forward(y, argmax, x, step.weight.data(), bias(), n, g, relu(), pool_g);
  }
  // Weights that are stored in fewer bits go with batches that are rounded to bfloat16 where that is faster;
  // but few images wait for their weights rather than for products.
  void convolve(const kernels::Conv2dGeometry& g) const {
    const ops::ConvLayouts layouts{node.input_layout, node.layout};
    if (!step.narrow || ops::is_few(n) || !ops::conv2d_narrows(g, Precision::bf16)) {
      ops::conv2d_forward(y, x, step.weight.data(), bias(), n, g, relu(), step.prepared, layouts);
      return;
    }
    if (!step.for_batches.defined()) {
      step.for_batches = ops::prepare_filter(step.weight.data(), g, Precision::bf16);
    }
    ops::conv2d_forward(y, x, step.weight.data(), bias(), n, g, relu(), step.for_batches, layouts,
                        Precision::bf16);
  }
  void operator()(const model::DwConvSpec& s) const {
    ops::depthwise_forward(y, x, step.weight.data(), bias(), n, model::geometry_of(node, s), relu());
  }
  void operator()(const model::DenseSpec& s) const {
    Tensor room;
    const float* rows = flat(room);
    if (step.encoded.defined()) {
      const bool packs = !ops::is_few(n) && !step.for_batches.defined();
      if (packs) step.for_batches = ops::pack_dense(step.encoded);
      ops::dense_forward(y, rows, step.encoded, bias(), n, step.for_batches);
    } else {
      ops::dense_forward(y, rows, step.weight.data(), bias(), n, node.input().size(), s.out);
    }
  }
  // The input channels-first: where it lies, or copied to `room`.
  const float* flat(Tensor& room) const {
    if (node.input_layout == Layout::channels_first) return x;
    room = Tensor::uninitialized({n, node.input().size()});
    const Index channels = node.input()[0];
    ops::to_channels_first(room.mutable_data(), x, n, channels, node.input().size() / channels);
    return room.data();
  }
  void operator()(const model::MaxPoolSpec& s) const {
    ops::max_pool2d_forward(y, argmax, x, n, model::pool_geometry(node.input(), s, node.name), node.layout);
  }
  void operator()(const model::AvgPoolSpec& s) const {
    ops::avg_pool2d_forward(y, x, n, model::pool_geometry(node.input(), s, node.name));
  }
  void operator()(const model::GlobalPoolSpec&) const {
    ops::global_avg_pool_forward(y, x, n * channels(), pixels());
  }
  void operator()(const model::LrnSpec& s) const {
    ops::lrn_forward(y, x, n, channels(), pixels(), {s.radius, s.bias, s.alpha, s.beta}, node.layout);
  }
  void operator()(const model::BatchNormSpec&) const {
    ops::affine_channels(y, x, {n, channels(), pixels(), node.layout}, step.weight.data(), step.bias.data(),
                         relu());
  }
  void operator()(const model::ReluSpec&) const { ops::relu_forward(y, x, n * node.input().size()); }
  template <model::ByValue Kind>
  void operator()(const Kind& s) const {
    const model::ValueFunction function = model::function_of(s);
    ops::activation_forward(function.activation, function.slope, y, x, n * node.input().size());
  }
  void operator()(const model::PReluSpec&) const {
    ops::prelu_forward(y, x, step.weight.data(), n, channels(), pixels());
  }
  void operator()(const model::AddSpec&) const { ops::add(y, x, inputs[1], n * node.input().size(), relu()); }
  void operator()(const model::ConcatSpec&) const {
    step.parts.clear();
    for (std::size_t i = 0; i < inputs.size(); ++i)
      step.parts.push_back({inputs[i], node.input_shapes[i].size()});
    ops::concat(y, step.parts, n);
  }
  void operator()(const model::GateSpec&) const {
    const bool image_first = node.input().rank() == 3;
    const Shape& image = node.output;
    ops::gate_forward(y, inputs[image_first ? 0 : 1], inputs[image_first ? 1 : 0], n * image[0],
                      image.size() / image[0]);
  }
  void operator()(const model::UpsampleSpec&) const {
    ops::upsample2x_forward(y, x, n * channels(), node.input()[1], node.input()[2]);
  }
  // fuse() leaves none of these to a session.
  template <class Kind>
  requires requires { Kind::kPassesOn; }
  void operator()(const Kind&) const {}
};

}  // namespace

void run_step(Step& step, float* y, std::span<const float* const> inputs, std::uint8_t* argmax, Index n) {
  std::visit(Run{step, y, inputs, argmax, n}, step.node.spec);
}

}  // namespace mien::infer
