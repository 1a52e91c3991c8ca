// The operations both executors call, the tape and the session: kernels spread over the worker threads.
// Plain pointers as in kernels/, whole batches instead of single images. Work is cut into chunks that
// depend on the problem alone and own their outputs, so results are the same for any number of threads.
#pragma once

#include <cstdint>

#include "kernels/kernel_table.hpp"
#include "mien/core/encoded_tensor.hpp"
#include "mien/core/layout.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/precision.hpp"
#include "mien/core/tensor.hpp"

namespace mien::ops {

using kernels::AdamParameters;
using kernels::Conv2dGeometry;
using kernels::Dither;
using kernels::LrnParameters;
using kernels::Pool2dGeometry;
using kernels::SgdParameters;

// Convolutions of n images, shapes as in kernel_table.hpp with a leading n. b may be null. With `relu` negative
// outputs become zero. `prepared` is prepare_filter() of all this where that has been kept, else undefined.
// Layouts are those of images and of their gradients; channels_last is for geometries of which
// conv2d_takes_layouts says so. Those of which conv2d_narrows says so are computed in bfloat16.
struct ConvLayouts {
  Layout x = Layout::channels_first, y = Layout::channels_first;
};
bool conv2d_takes_layouts(const Conv2dGeometry& g);
bool conv2d_narrows(const Conv2dGeometry& g, Precision precision);
void conv2d_forward(float* y, const float* x, const float* w, const float* b, Index n, const Conv2dGeometry& g,
                    bool relu = false, const Tensor& prepared = {}, ConvLayouts layouts = {},
                    Precision precision = Precision::f32);
// All gradients: dx, dw and db are written, dx and db only where not null. `relu_output` is y of a forward pass
// with relu, else null. `prepared` is prepare_transposed_filter() where that has been kept, else undefined.
struct Conv2dGradients {
  float* dx;
  float* dw;
  float* db;
  // Into how many sums over images, each computed by one thread, that of dw is cut at most where it is not a
  // Winograd convolution's. A constant, because the order of additions must not depend on the number of
  // threads.
  Index sums = 8;
};
void conv2d_backward(const Conv2dGradients& gradients, const float* dy, const float* relu_output,
                     const float* x, const float* w, Index n, const Conv2dGeometry& g,
                     const Tensor& prepared = {}, ConvLayouts layouts = {},
                     Precision precision = Precision::f32);
// A convolution and the max-pooling behind it, an image at a time: what lies between them stays in cache and is
// never written out. For geometries of which conv2d_pools says so. y and argmax are the pooling's.
bool conv2d_pools(const Conv2dGeometry& g);
void conv2d_max_pool_forward(float* y, std::uint8_t* argmax, const float* x, const float* w, const float* b,
                             Index n, const Conv2dGeometry& g, bool relu, const Pool2dGeometry& pool);
// What the forward pass left: y is null when it was one without relu.
struct PooledOutput {
  const float* y;
  const std::uint8_t* argmax;
};
void conv2d_max_pool_backward(const Conv2dGradients& gradients, const float* dy, const PooledOutput& output,
                              const float* x, const float* w, Index n, const Conv2dGeometry& g,
                              const Pool2dGeometry& pool);
// The weights in the form that convolutions of this geometry compute with; undefined where that is w itself.
Tensor prepare_filter(const float* w, const Conv2dGeometry& g, Precision precision = Precision::f32);
// The same of the gradient of x.
Tensor prepare_transposed_filter(const float* w, const Conv2dGeometry& g, Precision precision = Precision::f32);
// Whether that is the same for both, which differ in the size of images alone.
bool prepares_alike(const Conv2dGeometry& a, const Conv2dGeometry& b);

// Pooling; g.planes is channels of one image. argmax lies as y does.
void max_pool2d_forward(float* y, std::uint8_t* argmax, const float* x, Index n, const Pool2dGeometry& g,
                        Layout layout = Layout::channels_first);
void max_pool2d_backward(float* dx, const float* dy, const std::uint8_t* argmax, Index n,
                         const Pool2dGeometry& g, Layout layout = Layout::channels_first);
void avg_pool2d_forward(float* y, const float* x, Index n, const Pool2dGeometry& g);
void avg_pool2d_backward(float* dx, const float* dy, Index n, const Pool2dGeometry& g);
// The mean of each of `planes` planes, and its gradient.
void global_avg_pool_forward(float* y, const float* x, Index planes, Index pixels);
void global_avg_pool_backward(float* dx, const float* dy, Index planes, Index pixels);

// Of images that lie channels-last where lrn_takes_layouts says so.
bool lrn_takes_layouts(Index channels, Index radius);
void lrn_forward(float* y, const float* x, Index n, Index channels, Index pixels, const LrnParameters& p,
                 Layout layout = Layout::channels_first);
void lrn_backward(float* dx, const float* dy, const float* x, Index n, Index channels, Index pixels,
                  const LrnParameters& p, Layout layout = Layout::channels_first);

// Images of so many channels and pixels from one layout to the other.
void to_channels_first(float* y, const float* x, Index n, Index channels, Index pixels);
void to_channels_last(float* y, const float* x, Index n, Index channels, Index pixels);

// Batch normalization of x [n][channels][pixels]; all vectors are [channels].
struct BatchNormVectors {
  const float *mean, *inv_std, *gamma, *beta;
  bool relu = false;  // whether a ReLU of the result is part of it
};
// The images, of so many pixels, and how they lie.
struct ChannelExtents {
  Index n, channels, pixels;
  Layout layout = Layout::channels_first;
};
void batch_norm_statistics(float* mean, float* variance, const float* x, const ChannelExtents& e);
void batch_norm_apply(float* y, const float* x, const ChannelExtents& e, const BatchNormVectors& how);
void batch_norm_backward(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x,
                         const ChannelExtents& e, const BatchNormVectors& how);
// Its two halves, for batches of which this process has a part: the sums [2][channels] of dy and of dy * (x -
// mean) * inv_std over what is here, which are dbeta and dgamma when those of all parts have been added; and dx
// by their means over the `count` values that the batch has of each channel.
void batch_norm_part(double* sums, const float* dy, const float* x, const ChannelExtents& e,
                     const BatchNormVectors& how);
void batch_norm_gradient(float* dx, const double* sums, double count, const float* dy, const float* x,
                         const ChannelExtents& e, const BatchNormVectors& how);
// The same with statistics that do not depend on x; without ReLU.
void batch_norm_fixed_backward(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x,
                               const ChannelExtents& e, const BatchNormVectors& how);
void inverse_deviation(float* inv_std, const float* variance, float epsilon, Index channels);

// y = x * factor[c] + shift[c] for each channel c, or zero with `relu` where that is not above zero; y may be
// x.
void affine_channels(float* y, const float* x, const ChannelExtents& e, const float* factor, const float* shift,
                     bool relu);

// y [n][out] = x [n][in] * w [in][out] + b
void dense_forward(float* y, const float* x, const float* w, const float* b, Index n, Index in, Index out,
                   Precision precision = Precision::f32);
// The same for weights that are stored in fewer bits. `packed` is pack_dense(w) where that has been kept, which
// spares batches of more than a few images packing as they go.
void dense_forward(float* y, const float* x, const EncodedTensor& w, const float* b, Index n,
                   const Tensor& packed = {});
// Undefined where products take wider values than the weights are.
Tensor pack_dense(const EncodedTensor& w);
// The floats that x[first .. first + count) stand for, but for the scale.
void expand(float* y, const EncodedTensor& x, Index first, Index count);
// dx [n][in] = dy [n][out] * w^T
void dense_backward_input(float* dx, const float* dy, const float* w, Index n, Index in, Index out,
                          Precision precision = Precision::f32);
// The sum of the squares of x^T d, for x [n][in] and d [n][out], without forming it: sum(x x^T * d d^T)
// (Goodfellow 2015, arXiv 1510.01799).
double product_squared_norm(const float* x, const float* d, Index n, Index in, Index out);
// x^T [in][n] * d [n][out], formed a panel at a time by whoever walks the rows of the result: the whole would
// be as large as the weights it is the gradient of.
class ProductPanels {
 public:
  static constexpr Index kRows = 160;
  static constexpr Index kColumns = 256;

  // x [n][in], d [n][out]
  ProductPanels(const Tensor& x, const Tensor& d, Precision precision = Precision::f32);
  // Calls visit(row, column, values, count) for each stretch of rows [begin, end), at most kRows of them:
  // values are those of (row, column .. column + count). On the calling thread.
  template <typename Visit>
  void for_each_stretch(Index begin, Index end, Visit visit) const {
    Rows rows = this->rows(begin, end);
    const Index out = d_.dim(1);
    for (Index column = 0; column < out; column += kColumns) {
      const Index columns = column + kColumns < out ? kColumns : out - column;
      compute(rows, column, columns);
      for (Index row = begin; row < end; ++row) {
        visit(row, column, rows.values.data() + (row - begin) * kColumns, columns);
      }
    }
  }
  // The Adam step for rows [begin, end), at most kRows, where the kernel takes so many columns; pointers are to
  // the first of these rows. The latter with moments in bfloat16.
  bool fits_adam() const;
  void adam(float* w, float* m, float* v, Index begin, Index end, const AdamParameters& p) const;
  void adam_half(float* w, std::uint16_t* m, std::uint16_t* v, Index begin, Index end, const AdamParameters& p,
                 const Dither& dither) const;

 private:
  struct Rows {
    Index begin, end;
    Tensor packed_x;  // columns begin .. end of x
    Tensor values;    // [kRows][kColumns]
  };
  Rows rows(Index begin, Index end) const;
  Tensor adam_workspace() const;
  void compute(Rows& rows, Index column, Index columns) const;

  Tensor x_, d_;
  const kernels::ProductKernels& products_;
  Tensor packed_d_;
  Index panel_size_ = 0;
};

void relu_forward(float* y, const float* x, Index size);
void relu_backward(float* dx, const float* dy, const float* y, Index size);
// The elements are those from number `first` on, whose fates follow from the key.
void dropout(float* y, const float* x, Index size, float rate, std::uint64_t key, Index first = 0);
void softmax(float* y, const float* x, Index rows, Index columns);  // y may be x
void log_softmax(float* y, const float* x, Index rows, Index columns);

void sum_rows(float* sums, const float* x, Index rows, Index columns);
void accumulate(float* y, const float* x, Index size);
void scale(float* x, float factor, Index size);
double sum_squares(const float* x, Index size);
bool all_finite(const float* x, Index size);

// Elements [begin, end) of an update that the caller has already cut into chunks; one thread.
void adam_chunk(float* w, float* m, float* v, const float* g, Index size, const AdamParameters& p);
void adam_half_chunk(float* w, std::uint16_t* m, std::uint16_t* v, const float* g, Index size,
                     const AdamParameters& p, const Dither& dither);
void sgd_chunk(float* w, float* velocity, const float* g, Index size, const SgdParameters& p);

}  // namespace mien::ops
