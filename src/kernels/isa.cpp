#include "kernels/isa.hpp"

#include "kernels/tile_permission.hpp"

namespace mien::kernels {

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::base:
      return "base";
    case Isa::neon:
      return "neon";
    case Isa::simd128:
      return "simd128";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    case Isa::avx512bf16:
      return "avx512bf16";
    case Isa::amx:
      return "amx";
  }
  return "";
}

bool is_available(Isa isa) {
#ifdef MIEN_HAVE_X86_64_KERNELS
  // These ask the operating system too: whether it saves the wide registers.
  __builtin_cpu_init();
  const bool has_fma = __builtin_cpu_supports("fma");
  switch (isa) {
    case Isa::base:
      return true;
    case Isa::neon:
    case Isa::simd128:
      return false;
    case Isa::avx2:
      return has_fma && __builtin_cpu_supports("avx2");
    case Isa::avx512:
      return has_fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    case Isa::avx512bf16:
      return is_available(Isa::avx512) && __builtin_cpu_supports("avx512bf16") &&
             __builtin_cpu_supports("avx512vnni");
    case Isa::amx:
      return is_available(Isa::avx512bf16) && may_use_tiles();
  }
  return false;
#elif defined(MIEN_HAVE_NEON_KERNELS)
  return isa == Isa::neon;
#elif defined(MIEN_HAVE_SIMD128_KERNELS)
  return isa == Isa::simd128;
#else
  return isa == Isa::base;
#endif
}

bool multiplies_bf16_faster([[maybe_unused]] Isa isa) {
#ifdef MIEN_HAVE_X86_64_KERNELS
  __builtin_cpu_init();
  return isa == Isa::amx || (isa == Isa::avx512bf16 && __builtin_cpu_is("intel") == 0);
#else
  return false;
#endif
}

Isa plainest_isa() {
  for (const Isa isa : kIsas) {
    if (is_available(isa)) return isa;
  }
  return Isa::base;
}

Isa widest_isa() {
  Isa widest = plainest_isa();
  for (const Isa isa : kIsas) {
    if (is_available(isa)) widest = isa;
  }
  return widest;
}

}  // namespace mien::kernels
