// oneDNN 2 and 3 by the same names. Version 2 wraps a primitive's arguments in a `desc` of its own, version 3
// takes them as they are.
#pragma once

#include <dnnl.hpp>

#if DNNL_CPU_THREADING_RUNTIME != DNNL_RUNTIME_OMP
#error "onednn_peer needs a oneDNN that was built for OpenMP"
#endif

namespace onednn {

using dnnl::memory;

struct Lrn {
  memory::dim size;
  float alpha;  // divided by the size, as in PyTorch
  float beta;
  float k;
};

#if DNNL_VERSION_MAJOR >= 3

using PoolingForward = dnnl::pooling_forward;
using PoolingBackward = dnnl::pooling_backward;

template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                            const Arguments&... arguments) {
  return {engine, arguments..., attributes};
}

template <class Primitive, class Forward, class... Arguments>
typename Primitive::primitive_desc describe_backward(const dnnl::engine& engine, const Forward& forward,
                                                     const Arguments&... arguments) {
  return {engine, arguments..., forward};
}

inline dnnl::lrn_forward::primitive_desc describe_lrn(const dnnl::engine& engine, dnnl::prop_kind kind,
                                                      const memory::desc& x, const Lrn& lrn) {
  return {engine, kind, dnnl::algorithm::lrn_across_channels, x, x, lrn.size, lrn.alpha, lrn.beta, lrn.k};
}

inline dnnl::lrn_backward::primitive_desc describe_lrn_backward(
    const dnnl::engine& engine, const dnnl::lrn_forward::primitive_desc& forward, const memory::desc& x,
    const Lrn& lrn) {
  return {engine, dnnl::algorithm::lrn_across_channels, x, x, x, lrn.size, lrn.alpha, lrn.beta, lrn.k, forward};
}

inline void append_relu(dnnl::post_ops& after) {
  after.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
}

inline memory::dims dims_of(const memory& x) {
  return x.get_desc().get_dims();
}

inline bool is_bf16(const memory& x) {
  return x.get_desc().get_data_type() == memory::data_type::bf16;
}

#else

// The first versions of these know no dilation, which is an argument in version 3.
using PoolingForward = dnnl::pooling_v2_forward;
using PoolingBackward = dnnl::pooling_v2_backward;

template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                            const Arguments&... arguments) {
  return {typename Primitive::desc(arguments...), attributes, engine};
}

template <class Primitive, class Forward, class... Arguments>
typename Primitive::primitive_desc describe_backward(const dnnl::engine& engine, const Forward& forward,
                                                     const Arguments&... arguments) {
  return {typename Primitive::desc(arguments...), engine, forward};
}

inline dnnl::lrn_forward::primitive_desc describe_lrn(const dnnl::engine& engine, dnnl::prop_kind kind,
                                                      const memory::desc& x, const Lrn& lrn) {
  return {{kind, dnnl::algorithm::lrn_across_channels, x, lrn.size, lrn.alpha, lrn.beta, lrn.k}, engine};
}

inline dnnl::lrn_backward::primitive_desc describe_lrn_backward(
    const dnnl::engine& engine, const dnnl::lrn_forward::primitive_desc& forward, const memory::desc& x,
    const Lrn& lrn) {
  return {{dnnl::algorithm::lrn_across_channels, x, x, lrn.size, lrn.alpha, lrn.beta, lrn.k}, engine, forward};
}

inline void append_relu(dnnl::post_ops& after) {
  after.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
}

inline memory::dims dims_of(const memory& x) {
  return x.get_desc().dims();
}

inline bool is_bf16(const memory& x) {
  return x.get_desc().data.data_type == dnnl_bf16;
}

#endif

}  // namespace onednn
