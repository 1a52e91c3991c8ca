// Kernels for WebAssembly with vectors of 128 bits; the build's toolchain asks for them everywhere.
#define MIEN_ISA_NAMESPACE simd128
#define Eigen Eigen_simd128
#include "kernels/table.inc"
