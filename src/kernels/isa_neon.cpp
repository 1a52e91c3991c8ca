// Kernels for 64-bit ARM, all of whose processors have NEON.
#define MIEN_ISA_NAMESPACE neon
#define Eigen Eigen_neon
#include "kernels/table.inc"
