// Kernels for processors with AVX-512 F, BW, DQ and VL; the build compiles this file for those.
#define MIEN_ISA_NAMESPACE avx512
#define Eigen Eigen_avx512
#include "kernels/table.inc"
