// Kernels for processors with AVX2 and FMA; the build compiles this file for those.
#define MIEN_ISA_NAMESPACE avx2
#define Eigen Eigen_avx2
#include "kernels/table.inc"
