// The case table: the shapes that every operation is tested and measured with. One table serves the
// comparison with the reference, the gradient check and the benchmark.
#pragma once

#include <string>
#include <vector>

#include "kernels/kernel_table.hpp"

namespace mien::testing {

using kernels::Conv2dGeometry;
using kernels::DepthwiseGeometry;
using kernels::Index;
using kernels::LrnParameters;
using kernels::Pool2dGeometry;

/// small: every test. large: not for finite differences. huge: the benchmark alone.
/// The real shapes of the paper's network are large or huge.
enum class CaseSize { small, large, huge };

struct ConvCase {
  CaseSize size;
  Conv2dGeometry g;
};
struct DepthwiseCase {
  CaseSize size;
  DepthwiseGeometry g;
};
struct PoolCase {
  CaseSize size;
  Pool2dGeometry g;
};
struct LrnCase {
  CaseSize size;
  Index channels, pixels;
  LrnParameters p;
};
struct BatchNormCase {
  CaseSize size;
  Index n, channels, pixels;
};
/// op(a) is m x k, op(b) k x n.
struct GemmCase {
  CaseSize size;
  Index m, n, k;
};
struct RowCase {
  CaseSize size;
  Index rows, columns;
};
struct LengthCase {
  CaseSize size;
  Index n;
};

std::vector<ConvCase> conv_cases();
std::vector<DepthwiseCase> depthwise_cases();
std::vector<PoolCase> pool_cases();
std::vector<LrnCase> lrn_cases();
std::vector<BatchNormCase> batch_norm_cases();
std::vector<GemmCase> gemm_cases();
std::vector<RowCase> row_cases();
std::vector<LengthCase> length_cases();

std::string describe(const ConvCase& c);
std::string describe(const DepthwiseCase& c);
std::string describe(const PoolCase& c);
std::string describe(const LrnCase& c);
std::string describe(const BatchNormCase& c);
std::string describe(const GemmCase& c);
std::string describe(const RowCase& c);
std::string describe(const LengthCase& c);

inline Index input_count(const Conv2dGeometry& g) {
  return g.in_channels * g.in_height * g.in_width;
}
inline Index output_count(const Conv2dGeometry& g) {
  return g.out_channels * g.out_height * g.out_width;
}
inline Index weight_count(const Conv2dGeometry& g) {
  return g.out_channels * g.in_channels * g.kernel_height * g.kernel_width;
}
inline Index input_count(const DepthwiseGeometry& g) {
  return g.planes * g.in_height * g.in_width;
}
inline Index output_count(const DepthwiseGeometry& g) {
  return g.planes * g.out_height * g.out_width;
}
inline Index weight_count(const DepthwiseGeometry& g) {
  return g.planes * g.kernel * g.kernel;
}
inline Index input_count(const Pool2dGeometry& g) {
  return g.planes * g.in_height * g.in_width;
}
inline Index output_count(const Pool2dGeometry& g) {
  return g.planes * g.out_height * g.out_width;
}

}  // namespace mien::testing
