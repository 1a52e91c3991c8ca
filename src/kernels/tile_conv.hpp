// Convolutions in bfloat16 by tiles of matrices, for processors that have those.
#pragma once

#include "kernels/index.hpp"

namespace mien::kernels {

struct Conv2dGeometry;

/// Of stride 1, with channels in multiples of 16; images lie channels-last. Operands are rounded to bfloat16
/// where they are packed, sums formed in float32. Packed operands lie in arrays of floats, which hold two
/// values each. All values have to be finite, also as bfloat16: pixels beside a window are multiplied by zeros.
struct TileConvKernels {
  static constexpr Index kTileChannels = 16;

  bool (*fits)(const Conv2dGeometry& g);

  // Filters w [Cout][Cin][KH][KW] packed for `forward`, for the tiles [begin, end) of kTileChannels outputs
  // each; with `transposed` those that make the gradient of the input from that of the output, for tiles of
  // inputs.
  Index (*filter_size)(const Conv2dGeometry& g);
  void (*filter)(float* packed, const float* w, const Conv2dGeometry& g, bool transposed, Index begin,
                 Index end);
  // One image with the zeros around it.
  Index (*image_size)(const Conv2dGeometry& g);
  void (*image)(float* packed, const float* x, const Conv2dGeometry& g);
  // y [OH][OW][Cout] of a packed image, with bias, if not null, and ReLU.
  void (*forward)(float* y, const float* image, const float* filter, const float* b, bool relu,
                  const Conv2dGeometry& g);

  // For the gradient of the filters, of some images at once, one behind the other in either operand: the input,
  // from packed images, and the gradient of the output dy [OH][OW][Cout].
  Index (*input_size)(const Conv2dGeometry& g, Index images);
  void (*input)(float* packed, const float* image, const Conv2dGeometry& g, Index place, Index images);
  Index (*gradient_size)(const Conv2dGeometry& g, Index images);
  void (*gradient)(float* packed, const float* dy, const Conv2dGeometry& g, Index place);
  // Accumulates into dw [KH][KW][Cin][Cout].
  void (*backward_weight)(float* dw, const float* input, const float* gradient, Index images,
                          const Conv2dGeometry& g);
};

}  // namespace mien::kernels
