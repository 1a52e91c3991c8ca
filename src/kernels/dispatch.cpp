#include "kernels/tables.hpp"

namespace mien::kernels {
namespace {

#ifdef MIEN_HAVE_X86_64_KERNELS
const KernelTable& avx512bf16_table() {
  static const KernelTable table = [] {
    KernelTable copy = avx512::table;
    copy.isa = isa_name(Isa::avx512bf16);
    copy.bf16 = avx512bf16::bf16_products;
    copy.int8 = avx512bf16::int8_products;
    return copy;
  }();
  return table;
}
const KernelTable& amx_table() {
  static const KernelTable table = [] {
    KernelTable copy = avx512bf16_table();
    copy.isa = isa_name(Isa::amx);
    copy.bf16 = amx::bf16_products;
    copy.thin_bf16 = &amx::thin_bf16_products;
    copy.int8 = amx::int8_products;
    copy.tile_conv = &amx::tile_conv;
    return copy;
  }();
  return table;
}
#endif

}  // namespace

const KernelTable* kernel_table(Isa isa) {
  if (!is_available(isa)) return nullptr;
#ifdef MIEN_HAVE_X86_64_KERNELS
  switch (isa) {
    case Isa::base:
    case Isa::neon:
    case Isa::simd128:
      break;
    case Isa::avx2:
      return &avx2::table;
    case Isa::avx512:
      return &avx512::table;
    case Isa::avx512bf16:
      return &avx512bf16_table();
    case Isa::amx:
      return &amx_table();
  }
#endif
#ifdef MIEN_HAVE_NEON_KERNELS
  return &neon::table;
#elif defined(MIEN_HAVE_SIMD128_KERNELS)
  return &simd128::table;
#else
  return &base::table;
#endif
}

const HaarKernels* haar_kernels(Isa isa) {
  if (!is_available(isa)) return nullptr;
#ifdef MIEN_HAVE_X86_64_KERNELS
  switch (isa) {
    case Isa::base:
    case Isa::neon:
    case Isa::simd128:
      break;
    case Isa::avx2:
      return &avx2::haar;
    case Isa::avx512:
    case Isa::avx512bf16:  // no numbers in bfloat16 here
    case Isa::amx:
      return &avx512::haar;
  }
#endif
#ifdef MIEN_HAVE_NEON_KERNELS
  return &neon::haar;
#elif defined(MIEN_HAVE_SIMD128_KERNELS)
  return &simd128::haar;
#else
  return &base::haar;
#endif
}

}  // namespace mien::kernels
