// The tables that the per-ISA sources define; dispatch.cpp chooses among them.
#pragma once

#include "kernels/haar.hpp"
#include "kernels/kernel_table.hpp"

namespace mien::kernels {

namespace base {
extern const KernelTable table;
extern const HaarKernels haar;
}  // namespace base
namespace neon {
extern const KernelTable table;
extern const HaarKernels haar;
}  // namespace neon
namespace simd128 {
extern const KernelTable table;
extern const HaarKernels haar;
}  // namespace simd128
namespace avx2 {
extern const KernelTable table;
extern const HaarKernels haar;
}  // namespace avx2
namespace avx512 {
extern const KernelTable table;
extern const HaarKernels haar;
}  // namespace avx512
namespace avx512bf16 {
extern const ProductKernels bf16_products;
extern const Int8Products int8_products;
}  // namespace avx512bf16
namespace amx {
extern const ProductKernels bf16_products;
extern const ThinProducts thin_bf16_products;
extern const Int8Products int8_products;
extern const TileConvKernels tile_conv;
}  // namespace amx

}  // namespace mien::kernels
