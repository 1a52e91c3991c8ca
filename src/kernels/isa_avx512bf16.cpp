// Products in bfloat16 and of bytes for processors with AVX-512 BF16, which have VNNI, too; the build compiles
// this file for those. All other kernels they share with AVX-512.
#define MIEN_ISA_NAMESPACE avx512bf16
#include "kernels/bf16_product.inc"
#include "kernels/int8_product.inc"
#include "kernels/tables.hpp"

namespace mien::kernels::avx512bf16 {

const ProductKernels bf16_products = kBf16Products;
const Int8Products int8_products = kInt8Products;

}  // namespace mien::kernels::avx512bf16
