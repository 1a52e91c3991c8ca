// Kernels for any processor of the target architecture.
#define MIEN_ISA_NAMESPACE base
#define Eigen Eigen_base
#include "kernels/table.inc"
