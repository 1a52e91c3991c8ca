#include "support/op_cases.hpp"

namespace mien::testing {
namespace {

constexpr CaseSize kSmall = CaseSize::small;
constexpr CaseSize kLarge = CaseSize::large;
constexpr CaseSize kHuge = CaseSize::huge;

struct Axis {
  Index out, pad;
};

Axis valid_axis(Index in, Index kernel, Index stride) {
  return {(in - kernel) / stride + 1, 0};
}

// TensorFlow's SAME: ceil(in / stride) outputs, the odd zero after.
Axis same_axis(Index in, Index kernel, Index stride) {
  const Index out = (in + stride - 1) / stride;
  const Index padding = (out - 1) * stride + kernel - in;
  return {out, padding > 0 ? padding / 2 : 0};
}

ConvCase conv(CaseSize size, Index in_channels, Index height, Index width, Index out_channels,
              Index kernel_height, Index kernel_width, Index stride, Axis vertical, Axis horizontal) {
  return {size,
          {in_channels, height, width, out_channels, vertical.out, horizontal.out, kernel_height, kernel_width,
           stride, vertical.pad, horizontal.pad}};
}

ConvCase valid_conv(CaseSize size, Index in_channels, Index height, Index width, Index out_channels,
                    Index kernel_height, Index kernel_width, Index stride) {
  return conv(size, in_channels, height, width, out_channels, kernel_height, kernel_width, stride,
              valid_axis(height, kernel_height, stride), valid_axis(width, kernel_width, stride));
}

ConvCase same_conv(CaseSize size, Index in_channels, Index height, Index width, Index out_channels,
                   Index kernel, Index stride) {
  return conv(size, in_channels, height, width, out_channels, kernel, kernel, stride,
              same_axis(height, kernel, stride), same_axis(width, kernel, stride));
}

PoolCase valid_pool(Index planes, Index height, Index width, Index kernel, Index stride) {
  const Axis vertical = valid_axis(height, kernel, stride);
  const Axis horizontal = valid_axis(width, kernel, stride);
  return {kSmall, {planes, height, width, vertical.out, horizontal.out, kernel, stride, 0, 0}};
}

PoolCase same_pool(CaseSize size, Index planes, Index height, Index width, Index kernel, Index stride) {
  const Axis vertical = same_axis(height, kernel, stride);
  const Axis horizontal = same_axis(width, kernel, stride);
  return {size,
          {planes, height, width, vertical.out, horizontal.out, kernel, stride, vertical.pad, horizontal.pad}};
}

DepthwiseCase depthwise(CaseSize size, Index planes, Index height, Index width, Index kernel, Index stride,
                        Axis vertical, Axis horizontal) {
  return {size,
          {planes, height, width, vertical.out, horizontal.out, kernel, stride, vertical.pad, horizontal.pad}};
}

DepthwiseCase same_depthwise(CaseSize size, Index planes, Index height, Index width, Index kernel,
                             Index stride) {
  return depthwise(size, planes, height, width, kernel, stride, same_axis(height, kernel, stride),
                   same_axis(width, kernel, stride));
}

DepthwiseCase valid_depthwise(Index planes, Index height, Index width, Index kernel, Index stride) {
  return depthwise(kSmall, planes, height, width, kernel, stride, valid_axis(height, kernel, stride),
                   valid_axis(width, kernel, stride));
}

std::string text(std::initializer_list<Index> values, char separator) {
  std::string result;
  for (const Index value : values) {
    if (!result.empty()) result += separator;
    result += std::to_string(value);
  }
  return result;
}

}  // namespace

std::vector<ConvCase> conv_cases() {
  return {
      valid_conv(kSmall, 1, 1, 1, 1, 1, 1, 1),
      valid_conv(kSmall, 3, 5, 7, 2, 1, 1, 1),  // the image is its own im2col matrix
      valid_conv(kSmall, 2, 5, 7, 3, 1, 1, 2),
      valid_conv(kSmall, 2, 7, 11, 3, 3, 3, 1),
      valid_conv(kSmall, 3, 8, 9, 5, 3, 3, 2),  // the last row and column stay unused
      valid_conv(kSmall, 2, 13, 10, 1, 2, 5, 3),
      valid_conv(kSmall, 1, 4, 19, 7, 4, 1, 1),
      valid_conv(kSmall, 5, 3, 3, 4, 3, 3, 1),  // one output pixel
      same_conv(kSmall, 1, 1, 1, 1, 3, 1),
      same_conv(kSmall, 2, 3, 2, 3, 5, 1),  // window bigger than the image
      same_conv(kSmall, 3, 7, 17, 2, 3, 1),
      same_conv(kSmall, 2, 7, 13, 3, 5, 2),
      same_conv(kSmall, 2, 8, 11, 3, 4, 3),
      same_conv(kSmall, 1, 2, 33, 17, 2, 1),
      conv(kSmall, 2, 4, 5, 3, 1, 1, 1, {6, 1}, {7, 1}),  // 1x1 with padding
      conv(kSmall, 2, 5, 6, 3, 3, 2, 1, {5, 2}, {8, 0}),  // zeros above and on the right alone
      conv(kSmall, 1, 3, 4, 2, 2, 2, 2, {5, 4}, {6, 5}),  // windows wholly in the padding
      // Few channels, stride 1, 3x3 or 5x5: computed directly.
      same_conv(kSmall, 1, 6, 19, 6, 5, 1),
      valid_conv(kSmall, 3, 7, 9, 5, 3, 3, 1),
      conv(kSmall, 1, 4, 5, 3, 3, 3, 1, {3, 0}, {8, 3}),  // input rows left over below, wide margins
      same_conv(kLarge, 4, 5, 50, 9, 5, 1),
      same_conv(kLarge, 5, 20, 30, 3, 3, 1),  // neither direct nor Winograd's, several bands of rows
      // Channels in sixteens and stride 1: Winograd's method where the filters are 3x3 or 5x5.
      same_conv(kLarge, 16, 4, 4, 16, 3, 1),
      same_conv(kLarge, 16, 7, 5, 32, 3, 1),
      same_conv(kLarge, 16, 12, 11, 32, 3, 1),  // tiles of six by six outputs, the last ones cut
      same_conv(kLarge, 32, 6, 9, 16, 5, 1),
      same_conv(kLarge, 48, 3, 2, 16, 5, 1),  // window bigger than the image
      valid_conv(kLarge, 16, 9, 12, 48, 5, 5, 1),
      valid_conv(kLarge, 16, 3, 3, 16, 3, 3, 1),            // one output pixel
      conv(kLarge, 16, 5, 6, 16, 3, 3, 1, {6, 2}, {5, 0}),  // two rows of zeros above, one below
      same_conv(kLarge, 16, 6, 6, 16, 3, 2),                // not with this stride
      // The same by tiles in bfloat16, whatever the filters' size.
      valid_conv(kLarge, 48, 5, 7, 32, 1, 1, 1),
      valid_conv(kLarge, 16, 6, 9, 64, 2, 3, 1),
      conv(kLarge, 32, 4, 5, 16, 3, 3, 1, {8, 3}, {3, 0}),  // too many zeros for the gradient's way back
      same_conv(kLarge, 1, 48, 48, 64, 5, 1),
      same_conv(kLarge, 64, 24, 24, 128, 5, 1),
  };
}

std::vector<DepthwiseCase> depthwise_cases() {
  std::vector<DepthwiseCase> cases = {
      same_depthwise(kSmall, 1, 1, 1, 3, 1),
      same_depthwise(kSmall, 2, 3, 2, 5, 1),  // filter bigger than the image
      same_depthwise(kSmall, 1, 3, 4, 15, 2),
      valid_depthwise(2, 5, 7, 1, 1),
      valid_depthwise(2, 5, 8, 1, 2),    // columns that no tap reads
      valid_depthwise(2, 19, 20, 1, 2),  // and rows, by blocks of them
      valid_depthwise(1, 23, 26, 2, 4),
      valid_depthwise(1, 29, 31, 3, 5),
      valid_depthwise(1, 11, 29, 2, 3),  // gaps between the windows
      valid_depthwise(1, 15, 15, 15, 1),
      valid_depthwise(2, 8, 20, 3, 2),  // the last row and column stay unused
      valid_depthwise(1, 14, 18, 7, 4),
      depthwise(kSmall, 2, 5, 9, 3, 1, {4, 1}, {7, 0}),    // zeros above alone
      depthwise(kSmall, 2, 5, 9, 3, 2, {2, 0}, {6, 2}),    // zeros on the left and right alone
      depthwise(kSmall, 1, 3, 4, 3, 2, {6, 4}, {25, 21}),  // windows wholly in the padding
      depthwise(kSmall, 1, 3, 4, 5, 1, {9, 6}, {30, 22}),
      same_depthwise(kLarge, 64, 24, 24, 3, 1),
      same_depthwise(kLarge, 64, 24, 24, 3, 2),
      same_depthwise(kLarge, 128, 12, 12, 3, 1),
      same_depthwise(kLarge, 128, 12, 12, 3, 2),
      same_depthwise(kLarge, 128, 12, 12, 5, 1),
      same_depthwise(kLarge, 128, 12, 12, 5, 2),
  };
  for (const Index kernel : {2, 3, 4, 5, 7}) {
    for (const Index stride : {1, 2, 3}) {
      for (const Index width : {6, 17, 33})
        cases.push_back(same_depthwise(kSmall, 2, 7, width, kernel, stride));
    }
  }
  return cases;
}

std::vector<PoolCase> pool_cases() {
  return {
      valid_pool(1, 1, 1, 1, 1),
      valid_pool(2, 4, 6, 2, 2),
      valid_pool(1, 5, 7, 2, 2),  // the last row and column stay unused
      valid_pool(3, 7, 11, 3, 1),
      valid_pool(1, 3, 17, 3, 1),
      valid_pool(2, 13, 37, 3, 2),
      valid_pool(1, 11, 29, 2, 3),  // gaps between the windows
      valid_pool(1, 9, 31, 3, 3),
      valid_pool(1, 15, 15, 15, 1),  // the largest window
      same_pool(kSmall, 1, 1, 1, 3, 1),
      same_pool(kSmall, 2, 3, 2, 5, 1),  // window bigger than the image
      same_pool(kSmall, 1, 3, 4, 15, 2),
      same_pool(kSmall, 2, 8, 8, 3, 2),  // nothing before, one after
      same_pool(kSmall, 2, 7, 23, 3, 2),
      same_pool(kSmall, 1, 9, 10, 4, 3),
      same_pool(kSmall, 1, 20, 19, 5, 1),
      {kSmall, {2, 5, 21, 4, 11, 3, 2, 2, 0}},  // padding above alone
      {kSmall, {1, 4, 9, 2, 6, 3, 2, 0, 2}},    // padding on the left alone
      same_pool(kLarge, 64, 48, 48, 3, 2),
      same_pool(kLarge, 128, 24, 24, 3, 2),
  };
}

std::vector<LrnCase> lrn_cases() {
  return {
      {kSmall, 1, 1, {0, 1.0f, 0.5f, 0.75f}},
      {kSmall, 5, 3, {2, 1.0f, 0.25f, 0.75f}},
      {kSmall, 7, 17, {4, 1.0f, 0.1f, 0.75f}},
      {kSmall, 3, 5, {9, 2.0f, 0.1f, 0.75f}},  // radius above channels
      {kSmall, 70, 19, {3, 1.0f, 0.05f, 0.75f}},
      {kSmall, 131, 2, {40, 1.5f, 0.01f, 0.75f}},
      {kSmall, 6, 16, {1, 1.0f, 0.5f, 0.5f}},
      {kSmall, 8, 33, {2, 0.5f, 0.2f, 1.0f}},
      {kLarge, 64, 576, {4, 1.0f, 0.001f, 0.75f}},
      {kLarge, 128, 576, {4, 1.0f, 0.001f, 0.75f}},
  };
}

std::vector<BatchNormCase> batch_norm_cases() {
  return {{kSmall, 2, 1, 1},   {kSmall, 1, 3, 2},  {kSmall, 3, 5, 7},     {kSmall, 4, 2, 16},
          {kSmall, 5, 3, 17},  {kSmall, 2, 2, 33}, {kLarge, 10, 64, 576}, {kSmall, 2, 3, 1024},
          {kSmall, 1, 2, 2500}};  // stretches that are summed apart
}

std::vector<GemmCase> gemm_cases() {
  return {{kSmall, 1, 1, 1},       {kSmall, 1, 7, 5},       {kSmall, 7, 1, 5},      {kSmall, 5, 7, 1},
          {kSmall, 3, 4, 0},  // an empty sum
          {kSmall, 2, 3, 17},      {kSmall, 13, 11, 7},     {kSmall, 16, 48, 32},   {kSmall, 17, 53, 31},
          {kSmall, 1, 97, 101},    {kSmall, 50, 7, 64},     {kLarge, 67, 131, 257}, {kLarge, 50, 300, 1000},
          {kLarge, 1800, 128, 64}, {kHuge, 50, 3072, 18432}};
}

std::vector<RowCase> row_cases() {
  return {{kSmall, 1, 1},  {kSmall, 3, 1},  {kSmall, 1, 7},   {kSmall, 50, 7},
          {kSmall, 4, 16}, {kSmall, 3, 17}, {kSmall, 2, 129}, {kLarge, 50, 3072}};
}

std::vector<LengthCase> length_cases() {
  std::vector<LengthCase> cases;
  for (const Index n : {0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 127, 128, 129, 257}) {
    cases.push_back({kSmall, n});
  }
  cases.push_back({kLarge, 4096 + 3});
  cases.push_back({kLarge, 100003});
  cases.push_back({kHuge, 10000000});
  return cases;
}

std::string describe(const ConvCase& c) {
  const Conv2dGeometry& g = c.g;
  return "conv2d " + text({g.in_channels, g.in_height, g.in_width}, 'x') + " -> " +
         text({g.out_channels, g.out_height, g.out_width}, 'x') + ", kernel " +
         text({g.kernel_height, g.kernel_width}, 'x') + ", stride " + std::to_string(g.stride) + ", padding " +
         text({g.pad_top, g.pad_left}, ',');
}

std::string describe(const DepthwiseCase& c) {
  const DepthwiseGeometry& g = c.g;
  return "depthwise " + text({g.planes, g.in_height, g.in_width}, 'x') + " -> " +
         text({g.planes, g.out_height, g.out_width}, 'x') + ", kernel " + std::to_string(g.kernel) +
         ", stride " + std::to_string(g.stride) + ", padding " + text({g.pad_top, g.pad_left}, ',');
}

std::string describe(const PoolCase& c) {
  const Pool2dGeometry& g = c.g;
  return "pool2d " + text({g.planes, g.in_height, g.in_width}, 'x') + " -> " +
         text({g.planes, g.out_height, g.out_width}, 'x') + ", kernel " + std::to_string(g.kernel) +
         ", stride " + std::to_string(g.stride) + ", padding " + text({g.pad_top, g.pad_left}, ',');
}

std::string describe(const LrnCase& c) {
  return "lrn " + text({c.channels, c.pixels}, 'x') + ", radius " + std::to_string(c.p.radius) + ", beta " +
         std::to_string(c.p.beta);
}

std::string describe(const BatchNormCase& c) {
  return "batch_norm " + text({c.n, c.channels, c.pixels}, 'x');
}

std::string describe(const GemmCase& c) {
  return "gemm m,n,k = " + text({c.m, c.n, c.k}, ',');
}

std::string describe(const RowCase& c) {
  return "rows " + text({c.rows, c.columns}, 'x');
}

std::string describe(const LengthCase& c) {
  return "length " + std::to_string(c.n);
}

}  // namespace mien::testing
