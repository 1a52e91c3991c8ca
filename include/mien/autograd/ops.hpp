// The differentiable operations; losses are in loss.hpp. Images are N x C x H x W, rows are N x F. Images lie
// channels-first unless a layout says otherwise, which goes for their gradients, too. Every function throws
// ArgumentError, prefixed with its name in brackets, when shapes do not fit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "mien/autograd/loss.hpp"
#include "mien/autograd/tape.hpp"
#include "mien/core/layout.hpp"
#include "mien/core/precision.hpp"
#include "mien/model/spec.hpp"

namespace mien::autograd {

/// Windows of a max-pool, and how they move.
struct MaxPoolOptions {
  Index kernel = 2;  ///< window edge, 1 to 15
  Index stride = 2;
  Padding padding = Padding::valid;
  Layout layout = Layout::channels_first;  ///< of x and y
};

/// How filters move, and what is done to their result.
struct Conv2dOptions {
  Index stride = 1;
  Padding padding = Padding::same;
  bool relu = false;  ///< as relu() on the result, without a pass of its own over it
  /// As max_pool2d() on the result, which then is never written out where that saves time.
  std::optional<MaxPoolOptions> max_pool = std::nullopt;
  /// How x and y lie: channels_last, which costs less, for filters 3x3 or 5x5 of stride 1 and numbers of
  /// channels that are multiples of 16.
  Layout input = Layout::channels_first, output = Layout::channels_first;
  /// That of products, also in the gradients; bf16 with AMX alone, for stride 1, channels in multiples of 16
  /// and no max_pool, else f32.
  Precision precision = Precision::f32;
};

/// Cross-correlation of x [N][Cin][H][W] with w [Cout][Cin][K][K]; b [Cout] or a null pointer.
Variable conv2d(const Variable& x, const Variable& w, const Variable* b, const Conv2dOptions& options);

/// The same for filters of one channel each.
struct DepthwiseConv2dOptions {
  Index stride = 1;
  Padding padding = Padding::same;
  bool relu = false;  ///< as relu() on the result, without a pass of its own over it
};

/// Cross-correlation of each channel of x [N][C][H][W] with a filter of its own: w [C][1][K][K], K 1 to 15;
/// b [C] or a null pointer.
Variable depthwise_conv2d(const Variable& x, const Variable& w, const Variable* b,
                          const DepthwiseConv2dOptions& options);

/// The largest value of each window of x [N][C][H][W]; padding is never it.
Variable max_pool2d(const Variable& x, const MaxPoolOptions& options);
/// Padding is not counted in the mean.
Variable avg_pool2d(const Variable& x, Index kernel, Index stride, Padding padding);
/// [N][C][H][W] to [N][C].
Variable global_avg_pool(const Variable& x);

/// y = x / (bias + alpha * sum over 2*radius+1 channels of x^2)^beta (Krizhevsky et al. 2012, section 3.3, in
/// TensorFlow's convention: alpha is not divided by the window size). Images lie channels-last for numbers of
/// channels that are multiples of 16, 4,064 at most, and radii up to 16.
Variable local_response_norm(const Variable& x, const model::LrnSpec& options,
                             Layout layout = Layout::channels_first);

/// Normalizes each channel of x [N][C][H][W] (or [N][C]) by the statistics of this batch, then scales
/// by gamma [C] and adds beta [C] (Ioffe & Szegedy 2015). Writes the batch's mean and biased variance
/// to `mean` and `variance` [C]. With `relu`, as relu() on the result, without a pass of its own over it.
/// There have to be two values of each channel at least.
Variable batch_norm_train(const Variable& x, const Variable& gamma, const Variable& beta, float epsilon,
                          Tensor& mean, Tensor& variance, bool relu = false,
                          Layout layout = Layout::channels_first);
/// The same with given statistics. Gradients flow to x, gamma and beta.
Variable batch_norm_eval(const Variable& x, const Variable& gamma, const Variable& beta, float epsilon,
                         const Tensor& mean, const Tensor& variance, Layout layout = Layout::channels_first);

/// y = x w + b; x [N][In] (any shape N x ... is flattened), w [In][Out], b [Out] or a null pointer. The
/// gradient of w stays a product of two factors. `precision` is that of this product and of both gradients'.
Variable dense(const Variable& x, const Variable& w, const Variable* b, Precision precision = Precision::f32);
/// The same for weights whose rows ranks share out (Parameter::rows): x and its gradient travel instead of the
/// factors, and a rank reads its own rows alone. `share` is the tape's.
Variable shared_dense(const Variable& x, const Variable& w, const Variable* b, const BatchShare& share,
                      Precision precision = Precision::f32);

/// max(x, 0).
Variable relu(const Variable& x);
/// 1 / (1 + exp(-x)).
Variable sigmoid(const Variable& x);
/// x * min(max(x + 3, 0), 6) / 6.
Variable hswish(const Variable& x);
/// x * sigmoid(x).
Variable silu(const Variable& x);
/// x where x > 0, else slope * x.
Variable leaky_relu(const Variable& x, float slope);
/// The same for x [N][C][H][W] or [N][C] with a slope for each channel: slopes [C], to which gradients flow.
Variable prelu(const Variable& x, const Variable& slopes);
/// Sets a share `rate` of the elements to zero and divides the others by 1 - rate. Which ones follows
/// from `key` alone.
Variable dropout(const Variable& x, float rate, std::uint64_t key);
/// N x ... to N x F, which are channels-first: images that lie channels-last are copied.
Variable flatten(const Variable& x, Layout layout = Layout::channels_first);
/// Elementwise sum of two tensors of one shape. With `relu`, as relu() on the result, without a pass of its own
/// over it.
Variable add(const Variable& a, const Variable& b, bool relu = false);
/// Each channel of x [N][C][H][W] times its value in gates [N][C].
Variable gate(const Variable& x, const Variable& gates);
/// Values that differ in their second axis alone, joined along it: images by their channels. At least one.
Variable concat(std::span<const Variable> parts);
/// Each pixel of x [N][C][H][W] four times: [N][C][2H][2W].
Variable upsample2x(const Variable& x);
/// x * factor.
Variable scale(const Variable& x, float factor);
/// Of a share of a batch the rows of all ranks; of a whole batch x itself.
Variable gather_rows(const Variable& x);
/// The sum of all elements.
Variable sum(const Variable& x);
/// Softmax of each row of x [N][F].
Variable softmax(const Variable& x);

}  // namespace mien::autograd
