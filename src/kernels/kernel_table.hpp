// The contract between the kernels and everything above them: plain pointers and sizes, one thread, no
// allocation, no exceptions; but products of matrices, and so convolutions, pack their operands into
// buffers of a few megabytes at most and throw std::bad_alloc where there is no memory for them. Each kernel
// exists once per instruction set; ops/ calls them through the table chosen at start. All arrays are dense and
// row-major, images are C x H x W; outputs do not overlap inputs unless said. "Accumulates" means that results
// are added to what the output holds.
#pragma once

#include <cstdint>

#include "kernels/activation.hpp"
#include "kernels/depthwise.hpp"
#include "kernels/index.hpp"
#include "kernels/isa.hpp"
#include "kernels/join.hpp"
#include "kernels/tile_conv.hpp"

namespace mien::kernels {

/// One image through a 2-D convolution (cross-correlation, as every framework means it).
struct Conv2dGeometry {
  Index in_channels, in_height, in_width;
  Index out_channels, out_height, out_width;
  Index kernel_height, kernel_width;
  Index stride;
  Index pad_top, pad_left;  ///< zeros before the first row and column; those after follow from the extents
};

/// A window moved over each of `planes` independent H x W planes. Padding never contributes a value.
struct Pool2dGeometry {
  Index planes;
  Index in_height, in_width;
  Index out_height, out_width;
  Index kernel;  ///< window edge, 1..15
  Index stride;
  Index pad_top, pad_left;  ///< below `kernel`: every window covers at least one input value
};

/// y = x / (bias + alpha * sum_{j=c-radius..c+radius} x_j^2)^beta over channels: TensorFlow's convention,
/// alpha is not divided by the window size.
struct LrnParameters {
  Index radius;
  float bias, alpha, beta;
};

/// One Adam step (Kingma & Ba 2015) in the form with the bias corrections folded in by the caller:
///   g += weight_decay * w                                   (L2, when decoupled_decay is 0)
///   m = beta1*m + (1-beta1)*g ; v = beta2*v + (1-beta2)*g^2
///   w -= step_size * m / (sqrt(v) * inv_sqrt_correction2 + epsilon) + decoupled_decay * w
/// with step_size = lr / (1-beta1^t), inv_sqrt_correction2 = 1/sqrt(1-beta2^t), decoupled_decay =
/// lr * decay for AdamW (Loshchilov & Hutter 2019; uses w from before the step).
struct AdamParameters {
  float beta1, beta2, epsilon;
  double step_size, inv_sqrt_correction2;  ///< rounding them would push all weights the same way
  float weight_decay, decoupled_decay;
};

/// Noise for rounding, uniform in 0 .. 65535. The value with the index i of a tensor takes its noise from one
/// of 2^kGroupBits groups, which follows from i / kGroup alone.
struct Dither {
  static constexpr Index kGroup = 16;
  static constexpr int kGroupBits = 8;
  static constexpr Index kSize = kGroup << kGroupBits;
  const std::uint16_t* noise;  ///< kSize values
  Index first;                 ///< the index of the first value that a kernel is given
};

/// g += weight_decay * w ; u = momentum*u + g ; w -= lr * (nesterov ? g + momentum*u : u), as PyTorch.
struct SgdParameters {
  float learning_rate, momentum, weight_decay;
  bool nesterov;
};

/// How Winograd's method cuts the output of a convolution: rows x columns tiles of outputs x outputs, each
/// multiplied at `points` points.
struct WinogradTiles {
  Index points;
  Index outputs;
  Index rows, columns;
};

/// What will be needed after the product at hand, which may fetch it into cache meanwhile: rows of `columns`
/// values, `stride` apart, as many as the product has operations for. Nothing is read through it: it may point
/// beyond the end of an array.
struct Ahead {
  const float* from;
  Index columns;  ///< at least 16
  Index stride;
};

/// The right operand of the product to come: [k][n] as it lies, rows ldb values apart, and where it goes in the
/// order that the product reads. The next few rows may be fetched, which may lie beyond the end of an array.
struct NextRight {
  const void* b;  ///< values of the type that the product packs
  Index ldb;
  Index k, n;
  float* packed;
};

/// Right operands of one type of value: packing them, and products that pack the next one meanwhile.
struct RightKernels {
  void (*pack)(const NextRight& right);
  // c[m][n] = (add ? c : 0) + a * b
  void (*product)(float* c, Index ldc, const float* a_packed, const float* b_packed, Index m, Index n, Index k,
                  bool add, const NextRight& next);
};

/// How much of a right operand that is too large to be packed as a whole is packed at a time.
struct PackedBlock {
  Index depth;  ///< values of k, a multiple of 32
  Index columns;
};

/// Products of operands that are copied into the order in which the product reads them; shapes and strides as
/// in KernelTable::gemm.
struct ProductKernels {
  PackedBlock block;
  // In floats.
  Index (*packed_left_size)(Index m, Index k);
  Index (*packed_right_size)(Index k, Index n);
  void (*pack_left)(float* packed, const float* a, Index lda, bool transpose_a, Index m, Index k);
  void (*pack_right)(float* packed, const float* b, Index ldb, bool transpose_b, Index k, Index n);
  // c[m][n] = (add ? c : 0) + op(a) * op(b); with `add`, sums continue from what c holds, so a product cut
  // along k at multiples of 32 gives the bits of the whole. `ahead` may be null.
  void (*packed_product)(float* c, Index ldc, const float* a_packed, const float* b_packed, Index m, Index n,
                         Index k, bool add, const Ahead* ahead);
  // The same where the right operand is stored as float32, bfloat16 or int8, not transposed.
  RightKernels from_f32, from_bf16, from_int8;
  // The Adam step for w [rows][columns] with the gradient x^T d of x [k][rows], rows ldx apart, and d, packed
  // by pack_right from [k][columns]: what packed_product and adam give, the one computed in the gaps of the
  // other. columns is a multiple of packed_column_multiple; workspace has adam_product_workspace floats.
  Index packed_column_multiple;
  Index (*adam_product_workspace)(Index rows, Index columns, Index k);
  void (*adam_product)(float* w, float* m, float* v, Index rows, Index columns, const float* x, Index ldx,
                       const float* d_packed, Index k, const AdamParameters& p, float* workspace);
  // The same with moments in bfloat16, rounded stochastically. dither.first is a multiple of Dither::kGroup.
  void (*adam_product_half)(float* w, std::uint16_t* m, std::uint16_t* v, Index rows, Index columns,
                            const float* x, Index ldx, const float* d_packed, Index k, const AdamParameters& p,
                            const Dither& dither, float* workspace);
};

/// c[m][n] = (add ? c : 0) + a * b for few columns n; a is read as it lies, b has been packed from its
/// transpose [n][k], rows ldb apart, into packed_size floats. A product cut along k at multiples of 32, each
/// part packed by itself, gives the bits of the whole.
struct ThinProducts {
  Index (*packed_size)(Index k, Index n);
  void (*pack_right)(float* packed, const float* b, Index ldb, Index k, Index n);
  void (*product)(float* c, Index ldc, const float* a, Index lda, const float* b_packed, Index m, Index n,
                  Index k, bool add);
};

/// How levels stand for floats: x = (level - zero) * scale, where zero is kSignedZeroLevel if some x is below
/// zero, else 0.
struct ByteLevels {
  float scale;  ///< NaN where some x is not finite
  bool has_sign;
};
inline constexpr std::int32_t kSignedZeroLevel = 128;

/// Products of levels 0 .. 255 by int8 values, summed exactly in 32 bits: every instruction set gives the same
/// bits. 255 * 127 * kMost is still such a sum. Packed operands and sums lie in arrays of floats, which hold
/// bytes and 32-bit integers then.
struct Int8Products {
  static constexpr Index kMost = 1 << 16;  ///< values of k
  PackedBlock block;
  // In floats.
  Index (*packed_left_size)(Index m, Index k);
  Index (*packed_right_size)(Index k, Index n);
  // a is [m][k] with rows lda apart
  void (*pack_left)(float* packed, const std::uint8_t* a, Index lda, Index m, Index k);
  RightKernels right;
  // The nearest levels of n floats.
  ByteLevels (*to_levels)(std::uint8_t* levels, const float* x, Index n);
  // A row of the product as floats: y[i] = (sums[i] - zero * column_sums[i]) * (row_scale * scale[i]) + b[i].
  // column_sums, those of the int8 values alone, is null where zero is 0; so may be scale, for 1, and b.
  void (*from_sums)(float* y, const float* sums, const float* column_sums, float row_scale, const float* scale,
                    const float* b, Index n);
};

/// Images that row_sums takes at most.
inline constexpr Index kRowSumImages = 4;

// y = (x - mean) * inv_std * gamma + beta; with relu what is not above zero becomes zero, and NaN stays NaN.
struct BatchNormChannel {
  float mean, inv_std, gamma, beta;
  bool relu = false;
};

/// The same for all channels: y = (x - mean) * factor + beta, factor being inv_std * gamma; vectors are
/// [channels].
struct BatchNormRows {
  const float *mean, *inv_std, *factor, *beta;
  bool relu = false;
};

struct KernelTable {
  // What only some instruction sets have; null elsewhere. Both round operands to bfloat16.
  const TileConvKernels* tile_conv;
  const ThinProducts* thin_bf16;

  const char* isa;  ///< "base", "avx2", "avx512", "avx512bf16", "amx"

  // c[m][n] = (accumulate ? c : 0) + op(a) * op(b), op(a) being m x k and op(b) k x n; a is stored m x k,
  // or k x m when transpose_a; likewise b. ld* are the row strides as stored.
  void (*gemm)(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const float* a, Index lda,
               const float* b, Index ldb, float* c, Index ldc, bool accumulate);

  // The same for operands copied into another order first, in float32 throughout, and with operands rounded to
  // bfloat16, whose products are summed in float32 (for tests alone where no instruction does that).
  ProductKernels f32, bf16;
  Int8Products int8;

  ThinProducts thin_f32;
  // to[j * ldt + i] = from[i * ldf + j] for i < rows, j < columns.
  void (*transpose)(float* to, Index ldt, const float* from, Index ldf, Index rows, Index columns);

  // Chosen rows of w [..][columns], weighted and summed for 1 .. kRowSumImages images; accumulates into
  // y[images][columns]: y[i][c] += sum over k < count of x[k][i] * w[rows[k]][c]. Weights are float32, bfloat16
  // (the upper halves of float32) or int8.
  void (*row_sums_f32)(float* y, const float* x, Index images, const std::int32_t* rows, Index count,
                       const float* w, Index columns);
  void (*row_sums_bf16)(float* y, const float* x, Index images, const std::int32_t* rows, Index count,
                        const std::uint16_t* w, Index columns);
  void (*row_sums_int8)(float* y, const float* x, Index images, const std::int32_t* rows, Index count,
                        const std::int8_t* w, Index columns);
  // y[i] = the float that x[i] stands for
  void (*expand_bf16)(float* y, const std::uint16_t* x, Index n);
  void (*expand_int8)(float* y, const std::int8_t* x, Index n);

  // Convolution of one image. x [Cin][H][W], w [Cout][Cin][KH][KW], b [Cout] or null, y [Cout][OH][OW].
  // Forward, for the output pixels [begin, end) of every channel, with bias and ReLU; an output's bits do not
  // depend on which others are computed with it. `filter` is w in the order in which it is read,
  // conv2d_filter_size() floats; `workspace` holds conv2d_panel_workspace() floats, contents arbitrary before
  // and after.
  Index (*conv2d_filter_size)(const Conv2dGeometry& g);
  void (*conv2d_filter)(float* filter, const float* w, const Conv2dGeometry& g);
  Index (*conv2d_panel_workspace)(const Conv2dGeometry& g);
  void (*conv2d_forward)(float* y, const float* x, const float* filter, const float* b, bool relu,
                         const Conv2dGeometry& g, Index begin, Index end, float* workspace);
  // Backward, `workspace` being conv2d_workspace() floats.
  Index (*conv2d_workspace)(const Conv2dGeometry& g);
  void (*conv2d_backward_input)(float* dx, const float* dy, const float* w, const Conv2dGeometry& g,
                                float* workspace);
  // Accumulates into dw [Cout][Cin][KH][KW] and, when not null, db [Cout].
  void (*conv2d_backward_weight)(float* dw, float* db, const float* dy, const float* x, const Conv2dGeometry& g,
                                 float* workspace);

  // Convolution of one image with few channels, where direct_fits says so; `workspace` holds direct_workspace()
  // floats. relu_output, in the backward pass, is y of a forward pass with relu: where it is not above zero, dy
  // does not count. Null for no ReLU.
  bool (*direct_fits)(const Conv2dGeometry& g);
  Index (*direct_workspace)(const Conv2dGeometry& g);
  void (*direct_forward)(float* y, const float* x, const float* w, const float* b, bool relu,
                         const Conv2dGeometry& g, float* workspace);
  // Accumulates into dw and, when not null, db.
  void (*direct_backward_weight)(float* dw, float* db, const float* dy, const float* relu_output,
                                 const float* x, const Conv2dGeometry& g, float* workspace);

  // Winograd's method for stride 1 and 3x3 or 5x5 filters: see winograd.inc for the layouts. Its results differ
  // from conv2d_*'s by rounding, a few millionths of the largest. Images are channels-last here.
  bool (*winograd_fits)(const Conv2dGeometry& g);
  WinogradTiles (*winograd_tiles)(const Conv2dGeometry& g);
  void (*winograd_filter)(float* u, const float* w, const Conv2dGeometry& g, bool transposed, Index begin,
                          Index end);
  void (*winograd_filter_gradient)(float* dw, const float* du, const Conv2dGeometry& g, Index begin, Index end);
  void (*winograd_input)(float* v, Index point_step, const float* x, const Conv2dGeometry& g, Index begin,
                         Index end);
  void (*winograd_input_gradient)(float* dx, const float* dv, Index point_step, const Conv2dGeometry& g,
                                  Index begin, Index end);
  void (*winograd_output)(float* y, const float* m, Index point_step, const float* bias, bool relu,
                          const Conv2dGeometry& g, Index begin, Index end);
  void (*winograd_output_gradient)(float* dm, Index point_step, const float* dy, const Conv2dGeometry& g,
                                   Index begin, Index end);
  void (*winograd_product)(float* c, const float* a, const float* u, Index tiles, Index n, Index depth);
  void (*winograd_filter_product)(float* du, const float* v, const float* dm, Index tiles, Index in, Index out,
                                  bool add);
  void (*to_channels_last)(float* to, const float* x, const float* mask, Index channels, Index pixels);
  void (*from_channels_last)(float* y, const float* from, Index channels, Index pixels);

  DepthwiseKernels depthwise;

  // argmax holds, for every output, the winner's place in its window, row * kernel + column; the first
  // maximum in raster order wins; a NaN in the window wins over numbers.
  void (*max_pool2d_forward)(float* y, std::uint8_t* argmax, const float* x, const Pool2dGeometry& g);
  void (*max_pool2d_backward)(float* dx, const float* dy, const std::uint8_t* argmax, const Pool2dGeometry& g);
  // The same of an image that lies channels-last: x [H][W][planes], y and argmax [OH][OW][planes].
  void (*max_pool2d_rows_forward)(float* y, std::uint8_t* argmax, const float* x, const Pool2dGeometry& g);
  void (*max_pool2d_rows_backward)(float* dx, const float* dy, const std::uint8_t* argmax,
                                   const Pool2dGeometry& g);
  // Mean over the window's values, padding not counted (TensorFlow's convention).
  void (*avg_pool2d_forward)(float* y, const float* x, const Pool2dGeometry& g);
  void (*avg_pool2d_backward)(float* dx, const float* dy, const Pool2dGeometry& g);
  // The mean of each of `planes` planes, summed in double precision from its first value to its last, and the
  // gradient: dx = dy / pixels.
  void (*global_avg_pool_forward)(float* y, const float* x, Index planes, Index pixels);
  void (*global_avg_pool_backward)(float* dx, const float* dy, Index planes, Index pixels);

  // One image of `channels` planes of `pixels` values.
  void (*lrn_forward)(float* y, const float* x, Index channels, Index pixels, const LrnParameters& p);
  void (*lrn_backward)(float* dx, const float* dy, const float* x, Index channels, Index pixels,
                       const LrnParameters& p);
  // The same, to the bit, of images that lie channels-last, x [pixels][channels], where lrn_rows_fit says so.
  bool (*lrn_rows_fit)(Index channels, Index radius);
  void (*lrn_rows_forward)(float* y, const float* x, Index pixels, Index channels, const LrnParameters& p);
  void (*lrn_rows_backward)(float* dx, const float* dy, const float* x, Index pixels, Index channels,
                            const LrnParameters& p);

  // Batch normalization of channel `c` of x [n][channels][pixels].
  // mean and biased variance over n and pixels:
  void (*batch_norm_statistics)(float* mean, float* variance, const float* x, Index n, Index channels,
                                Index pixels, Index c);
  // y may be x.
  void (*batch_norm_apply)(float* y, const float* x, Index n, Index channels, Index pixels, Index c,
                           const BatchNormChannel& how);
  // Gradient through the batch statistics. *dgamma and *dbeta are written, not accumulated.
  void (*batch_norm_backward)(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x, Index n,
                              Index channels, Index pixels, Index c, const BatchNormChannel& how);

  // Its two halves, for batches of which a process has a part: sums [2][channels] at c of dy and of dy * z with
  // z = (x - mean) * inv_std, and dx by their means over the batch.
  void (*batch_norm_part)(double* sums, const float* dy, const float* x, Index n, Index channels, Index pixels,
                          Index c, const BatchNormChannel& how);
  void (*batch_norm_gradient)(float* dx, const float* dy, const float* x, Index n, Index channels, Index pixels,
                              Index c, const BatchNormChannel& how, float mean_dy, float mean_dy_z);

  // The same with statistics that do not depend on x, and without ReLU.
  void (*batch_norm_fixed_backward)(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x,
                                    Index n, Index channels, Index pixels, Index c,
                                    const BatchNormChannel& how);

  // Batch normalization of images that lie channels-last: x [rows][channels], a row for each pixel.
  // Adds to sums [2][channels] the distances from near [channels], and their squares:
  void (*batch_norm_rows_distances)(double* sums, const float* x, Index rows, Index channels,
                                    const float* near);
  // Adds to sums [2][channels] dy and dy * (x - mean) * inv_std, where the ReLU lets dy pass:
  void (*batch_norm_rows_sums)(double* sums, const float* dy, const float* x, Index rows, Index channels,
                               const BatchNormRows& how);
  // y may be x; inv_std is not read.
  void (*batch_norm_rows_apply)(float* y, const float* x, Index rows, Index channels, const BatchNormRows& how);
  // dx = factor * (dy - mean_dy - (x - mean) * inv_std * mean_dy_z), where the ReLU lets dy pass; the means are
  // those of what batch_norm_rows_sums adds up.
  void (*batch_norm_rows_backward)(float* dx, const float* dy, const float* x, Index rows, Index channels,
                                   const BatchNormRows& how, const float* mean_dy, const float* mean_dy_z);

  // y = x where x > 0, else 0; NaN stays NaN. y may be x.
  void (*relu_forward)(float* y, const float* x, Index n);
  // dx = dy where y > 0, else 0. dx may be dy.
  void (*relu_backward)(float* dx, const float* dy, const float* y, Index n);

  ActivationKernels activation;
  JoinKernels join;

  // y = x / (1 - rate) where kept, else 0 (even for NaN); 0 <= rate < 1. Element i of the call is kept when
  // Philox word (first + i) under `key` is at or above rate * 2^32; word w is lane w % 4 of block w / 4. The
  // same call on dy is the backward pass.
  void (*dropout)(float* y, const float* x, Index n, float rate, std::uint64_t key, std::uint64_t first);

  // Each row of x [rows][columns]; the maximum is subtracted first.
  void (*softmax_rows)(float* y, const float* x, Index rows, Index columns);
  void (*log_softmax_rows)(float* y, const float* x, Index rows, Index columns);

  void (*sum_rows)(float* sums, const float* x, Index rows, Index columns);  // sums[c] = sum_r x[r][c]
  void (*accumulate)(float* y, const float* x, Index n);                     // y += x
  void (*scale)(float* x, float factor, Index n);                            // x *= factor
  double (*sum_squares)(const float* x, Index n);                            // in double precision
  bool (*all_finite)(const float* x, Index n);

  void (*adam)(float* w, float* m, float* v, const float* g, Index n, const AdamParameters& p);
  // With moments in bfloat16, rounded stochastically.
  void (*adam_half)(float* w, std::uint16_t* m, std::uint16_t* v, const float* g, Index n,
                    const AdamParameters& p, const Dither& dither);
  // velocity is null when momentum is 0.
  void (*sgd)(float* w, float* velocity, const float* g, Index n, const SgdParameters& p);
};

/// The table for `isa`, or null when it is not available.
const KernelTable* kernel_table(Isa isa);

}  // namespace mien::kernels
