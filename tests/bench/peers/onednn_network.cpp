#include "onednn_network.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace onednn {
namespace {

using dnnl::algorithm;
using dims = memory::dims;
using tag = memory::format_tag;
constexpr auto kF32 = memory::data_type::f32;

constexpr Index kSide = 48, kWindow = 5, kLabels = kClasses;
constexpr Lrn kLrn{9, 0.001F, 0.75F, 1.0F};
const dims kOne{1, 1}, kTwo{2, 2}, kNone{0, 0}, kPool{3, 3};

// The channels in blocks of a register, which is what a convolution of one channel is fast with.
#ifdef __AVX512F__
constexpr tag kBlocked = tag::nChw16c;
#else
constexpr tag kBlocked = tag::nChw8c;
#endif

dnnl::primitive_attr with_relu() {
  dnnl::post_ops after;
  append_relu(after);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  return attributes;
}

// Calls describe(wanted) or, where that layout can only be had from slow code, describe(any).
template <class Describe>
auto describe_in(const memory::desc& wanted, const memory::desc& any, Describe describe) {
  try {
    auto found = describe(wanted);
    if (std::strstr(found.impl_info_str(), "ref") == nullptr) return found;
  } catch (const dnnl::error&) {
    // not to be had at all
  }
  return describe(any);
}

template <class Function>
void with_type(const memory& x, Function function) {
  if (is_bf16(x)) {
    function(static_cast<Bf16*>(x.get_data_handle()));
  } else {
    function(static_cast<float*>(x.get_data_handle()));
  }
}

Index fan_in(const dims& weights) {
  Index count = 1;
  for (std::size_t i = 1; i < weights.size(); ++i) count *= weights[i];
  return count;
}

}  // namespace

Index element_count(const memory& x) {
  return static_cast<Index>(x.get_desc().get_size() / (is_bf16(x) ? sizeof(Bf16) : sizeof(float)));
}

// LRN is fast in nhwc alone, so the first convolution's blocks end where the image has shrunk.
Network::Network(const Options& options)
    : options_(options),
      type_(options.bf16 ? memory::data_type::bf16 : kF32),
      kind_(options.training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference) {
  memory x = random({options.batch, 1, kSide, kSide}, tag::nchw, 1.0F);
  x = reordered(x, {dims_of(x), type_, tag::nchw});
  x = convolution("conv1", x, 64, kBlocked);
  x = max_pool(x);
  relu_was_before(x);  // of two orders that come to the same, the one with fewer values to look at
  x = lrn(in_layout(x, tag::nhwc));
  x = convolution("conv2", x, 128, options.conv2_blocked ? kBlocked : tag::nhwc);
  relu_was_before(x);
  x = max_pool(lrn(in_layout(x, tag::nhwc)));
  x = dense("dense1", flatten(x), 3072, true);
  relu_was_before(x);
  x = dense("dense2", x, 1536, true);
  dropout(x);
  x = finish(dense("dense3", x, kClasses, false));
  if (!options.training) return;
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) x = (*layer)(x);
  layers_.clear();
}

void Network::run() {
  ++step_;
  dropout_seed_ += dropout_changes_;
  for (const auto& step : steps_) step();
}

memory Network::allocate(const memory::desc& desc) {
  constexpr std::size_t kHugePage = std::size_t{1} << 21;
  const std::size_t bytes = (desc.get_size() + kHugePage - 1) / kHugePage * kHugePage;
  void* block = std::aligned_alloc(kHugePage, std::max(bytes, kHugePage));
  if (block == nullptr) throw std::bad_alloc();
  blocks_.emplace_back(block);
  (void)madvise(block, bytes, MADV_HUGEPAGE);  // as our programs do
  std::memset(block, 0, bytes);
  return {desc, engine_, block};
}

memory Network::random(const dims& shape, tag layout, float scale) {
  memory x = allocate({shape, kF32, layout});
  auto* values = static_cast<float*>(x.get_data_handle());
  for (Index i = 0; i < element_count(x); ++i) {
    values[i] = scale * (static_cast<float>(generator_()) * 0x1p-31F - 1.0F);
  }
  return x;
}

// As large as keeps the activations' size from layer to layer.
memory Network::random_weights(const dims& shape, const memory::desc& desc) {
  const float scale = std::sqrt(6.0F / static_cast<float>(fan_in(shape)));
  const memory plain = random(shape, shape.size() == 2 ? tag::nc : tag::nchw, scale);
  memory weights = allocate(desc);
  copy(plain, weights);
  return weights;
}

// Now, not in each step.
void Network::copy(const memory& from, const memory& to) {
  dnnl::reorder(from, to).execute(stream_, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  stream_.wait();
}

void Network::append(const dnnl::primitive& primitive, const std::unordered_map<int, memory>& arguments) {
  steps_.emplace_back([this, primitive, arguments] {
    primitive.execute(stream_, arguments);
    stream_.wait();
  });
}

template <class Function>
void Network::append_loop(const memory& x, Function function) {
  steps_.emplace_back([x, function] { with_type(x, function); });
}

memory Network::reordered(const memory& x, const memory::desc& desc) {
  if (x.get_desc() == desc) return x;
  memory result = allocate(desc);
  append(dnnl::reorder(x, result), {{DNNL_ARG_FROM, x}, {DNNL_ARG_TO, result}});
  return result;
}

memory Network::in_layout(const memory& x, tag layout) {
  memory result = reordered(x, {dims_of(x), type_, layout});
  layers_.emplace_back([this, x](const memory& gradient) { return reordered(gradient, x.get_desc()); });
  return result;
}

memory Network::convolution(const std::string& name, const memory& x, Index out, tag layout) {
  const dims shape = dims_of(x);
  const dims weight_shape{out, shape[1], kWindow, kWindow};
  const bool first = layers_.empty();
  const memory source = first ? x : in_layout(x, layout);
  const auto forward = describe<dnnl::convolution_forward>(
      engine_, with_relu(), kind_, algorithm::convolution_auto, source.get_desc(),
      memory::desc(weight_shape, type_, tag::any), memory::desc({out}, kF32, tag::x),
      memory::desc({shape[0], out, shape[2], shape[3]}, type_, layout), kOne, kTwo, kTwo);
  const memory weights = random_weights(weight_shape, forward.weights_desc());
  const memory bias = allocate(forward.bias_desc());
  memory result = allocate(forward.dst_desc());
  append(dnnl::convolution_forward(forward),
         {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, result}});
  layers_.emplace_back([=, this](const memory& gradient) {
    return convolution_gradients(name, forward, source, weights, bias, gradient, !first);
  });
  return result;
}

template <typename Primitive>
void Network::learn_sums(const std::string& name, const typename Primitive::primitive_desc& sums,
                         const memory& x, const memory& gradient, const memory& weights, const memory& bias) {
  const memory of_weights = allocate(sums.diff_weights_desc());
  const memory of_bias = allocate(bias.get_desc());
  append(Primitive(sums), {{DNNL_ARG_SRC, x},
                           {DNNL_ARG_DIFF_DST, gradient},
                           {DNNL_ARG_DIFF_WEIGHTS, of_weights},
                           {DNNL_ARG_DIFF_BIAS, of_bias}});
  learn(name + " weights", weights, of_weights);
  learn(name + " bias", bias, of_bias);
}

memory Network::convolution_gradients(const std::string& name,
                                      const dnnl::convolution_forward::primitive_desc& forward, const memory& x,
                                      const memory& weights, const memory& bias, const memory& gradient,
                                      bool of_input) {
  memory below;
  if (of_input) {
    const auto data = describe_backward<dnnl::convolution_backward_data>(
        engine_, forward, algorithm::convolution_auto, x.get_desc(),
        memory::desc(dims_of(weights), type_, tag::any), gradient.get_desc(), kOne, kTwo, kTwo);
    below = allocate(x.get_desc());
    append(dnnl::convolution_backward_data(data), {{DNNL_ARG_DIFF_DST, gradient},
                                                   {DNNL_ARG_WEIGHTS, reordered(weights, data.weights_desc())},
                                                   {DNNL_ARG_DIFF_SRC, below}});
  }
  const auto sums = describe_in(x.get_desc(), {dims_of(x), type_, tag::any}, [&](const memory::desc& desc) {
    return describe_backward<dnnl::convolution_backward_weights>(
        engine_, forward, algorithm::convolution_auto, desc, memory::desc(dims_of(weights), kF32, tag::any),
        bias.get_desc(), gradient.get_desc(), kOne, kTwo, kTwo);
  });
  learn_sums<dnnl::convolution_backward_weights>(name, sums, reordered(x, sums.src_desc()), gradient, weights,
                                                 bias);
  return below;
}

// 3 by 3 with stride 2; the even side needs one more row and column at the end.
memory Network::max_pool(const memory& x) {
  const dims shape = dims_of(x);
  const dims pooled{shape[0], shape[1], shape[2] / 2, shape[3] / 2};
  const auto forward =
      describe<PoolingForward>(engine_, dnnl::primitive_attr(), kind_, algorithm::pooling_max, x.get_desc(),
                               memory::desc(pooled, type_, tag::any), kTwo, kPool, kNone, kNone, kOne);
  memory result = allocate(forward.dst_desc());
  const memory workspace = allocate(forward.workspace_desc());
  append(PoolingForward(forward), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, result}, {DNNL_ARG_WORKSPACE, workspace}});
  layers_.emplace_back([=, this](const memory& gradient) {
    const auto backward =
        describe_backward<PoolingBackward>(engine_, forward, algorithm::pooling_max, x.get_desc(),
                                           gradient.get_desc(), kTwo, kPool, kNone, kNone, kOne);
    memory below = allocate(x.get_desc());
    append(PoolingBackward(backward),
           {{DNNL_ARG_DIFF_DST, gradient}, {DNNL_ARG_DIFF_SRC, below}, {DNNL_ARG_WORKSPACE, workspace}});
    return below;
  });
  return result;
}

memory Network::lrn(const memory& x) {
  const auto forward = describe_lrn(engine_, kind_, x.get_desc(), kLrn);
  memory result = allocate(x.get_desc());
  const memory workspace = allocate(forward.workspace_desc());
  append(dnnl::lrn_forward(forward),
         {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, result}, {DNNL_ARG_WORKSPACE, workspace}});
  layers_.emplace_back([=, this](const memory& gradient) {
    memory below = allocate(x.get_desc());
    append(dnnl::lrn_backward(describe_lrn_backward(engine_, forward, x.get_desc(), kLrn)),
           {{DNNL_ARG_SRC, x},
            {DNNL_ARG_DIFF_DST, gradient},
            {DNNL_ARG_DIFF_SRC, below},
            {DNNL_ARG_WORKSPACE, workspace}});
    return below;
  });
  return result;
}

// Of four dimensions a dense layer would be slow; the order of its columns means nothing to random weights.
memory Network::flatten(const memory& x) {
  const dims shape = dims_of(x);
  layers_.emplace_back([=, this](const memory& gradient) { return as(gradient, x.get_desc()); });
  return as(x, {{shape[0], shape[1] * shape[2] * shape[3]}, type_, tag::nc});
}

memory Network::dense(const std::string& name, const memory& x, Index out, bool relu) {
  const dims shape = dims_of(x);
  const dims weight_shape{out, shape[1]};
  const auto forward = describe<dnnl::inner_product_forward>(
      engine_, relu ? with_relu() : dnnl::primitive_attr(), kind_, x.get_desc(),
      memory::desc(weight_shape, type_, tag::any), memory::desc({out}, kF32, tag::x),
      memory::desc({shape[0], out}, type_, tag::nc));
  const memory weights = random_weights(weight_shape, forward.weights_desc());
  const memory bias = allocate(forward.bias_desc());
  memory result = allocate(forward.dst_desc());
  append(dnnl::inner_product_forward(forward),
         {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, result}});
  layers_.emplace_back(
      [=, this](const memory& gradient) { return dense_gradients(name, forward, x, weights, bias, gradient); });
  return result;
}

// All in the forward pass's layout where that can be: weights are what takes the time here.
memory Network::dense_gradients(const std::string& name,
                                const dnnl::inner_product_forward::primitive_desc& forward, const memory& x,
                                const memory& weights, const memory& bias, const memory& gradient) {
  const memory::desc layout = weights.get_desc();
  const auto data = describe_in(layout, {dims_of(weights), type_, tag::any}, [&](const memory::desc& desc) {
    return describe_backward<dnnl::inner_product_backward_data>(engine_, forward, x.get_desc(), desc,
                                                                gradient.get_desc());
  });
  const auto sums = describe_in(layout, {dims_of(weights), kF32, tag::any}, [&](const memory::desc& desc) {
    return describe_backward<dnnl::inner_product_backward_weights>(engine_, forward, x.get_desc(), desc,
                                                                   bias.get_desc(), gradient.get_desc());
  });
  memory below = allocate(x.get_desc());
  append(dnnl::inner_product_backward_data(data), {{DNNL_ARG_DIFF_DST, gradient},
                                                   {DNNL_ARG_WEIGHTS, reordered(weights, data.weights_desc())},
                                                   {DNNL_ARG_DIFF_SRC, below}});
  learn_sums<dnnl::inner_product_backward_weights>(name, sums, x, gradient, weights, bias);
  return below;
}

void Network::dropout(const memory& x) {
  if (options_.training) {
    append_loop(x, [this, count = element_count(x)](auto* first) { drop_half(first, count, dropout_seed_); });
  }
  relu_was_before(x, 2.0F);
}

// The layer before has computed ReLU along with its result.
void Network::relu_was_before(const memory& x, float scale) {
  layers_.emplace_back([=, this](const memory& gradient) {
    append_loop(x, [=, count = element_count(x)](auto* first) {
      mask_relu(first, static_cast<decltype(first)>(gradient.get_data_handle()), count, scale);
    });
    return gradient;
  });
}

// The probabilities; in training the gradient of the logits.
memory Network::finish(const memory& logits) {
  memory probabilities = allocate({{options_.batch, kLabels}, kF32, tag::nc});
  auto* likely = static_cast<float*>(probabilities.get_data_handle());
  append_loop(logits, [this, likely](auto* first) { softmax(first, likely, options_.batch); });
  if (!options_.training) return probabilities;
  memory gradient = allocate(logits.get_desc());
  std::vector<int> labels(static_cast<std::size_t>(options_.batch));
  for (int& label : labels) label = static_cast<int>(generator_() % kClasses);
  append_loop(gradient, [this, likely, labels](auto* first) {
    loss_ = cross_entropy(likely, labels.data(), first, options_.batch);
  });
  return gradient;
}

void Network::learn(const std::string& name, const memory& weights, const memory& gradient) {
  const memory master = master_of(weights, gradient);
  const Index count = element_count(gradient);
  const memory::desc flat({count}, kF32, tag::x);
  const Adam adam{static_cast<float*>(allocate(flat).get_data_handle()),
                  static_cast<float*>(allocate(flat).get_data_handle()), count};
  append_loop(gradient, [=, this](auto* first) {
    update(adam, rate_, step_, first, static_cast<float*>(master.get_data_handle()),
           static_cast<decltype(first)>(weights.get_data_handle()));
  });
  if (weights.get_desc() != gradient.get_desc()) {
    append(dnnl::reorder(master, weights), {{DNNL_ARG_FROM, master}, {DNNL_ARG_TO, weights}});
  }
  parameters_.push_back({name, master, gradient});
}

// The weights themselves where they are fp32 and ordered like their gradient.
memory Network::master_of(const memory& weights, const memory& gradient) {
  if (weights.get_desc() != gradient.get_desc()) {
    memory master = allocate(gradient.get_desc());
    copy(weights, master);
    return master;
  }
  if (!is_bf16(weights)) return weights;
  memory master = allocate({{element_count(weights)}, kF32, tag::x});
  const auto* rounded = static_cast<const Bf16*>(weights.get_data_handle());
  std::copy_n(rounded, element_count(weights), static_cast<float*>(master.get_data_handle()));
  return master;
}

}  // namespace onednn
