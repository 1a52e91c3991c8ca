#include "kernels/tables.hpp"

namespace mien::kernels {

const KernelTable* kernel_table(Isa isa) {
#ifdef MIEN_HAVE_X86_64_KERNELS
  // These ask the operating system too: whether it saves the wide registers.
  __builtin_cpu_init();
  const bool has_fma = __builtin_cpu_supports("fma");
  switch (isa) {
    case Isa::base:
      return &base::table;
    case Isa::avx2:
      return has_fma && __builtin_cpu_supports("avx2") ? &avx2::table : nullptr;
    case Isa::avx512:
      return has_fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
                 ? &avx512::table
                 : nullptr;
  }
  return nullptr;
#else
  return isa == Isa::base ? &base::table : nullptr;
#endif
}

const KernelTable* best_kernel_table() {
  if (const KernelTable* table = kernel_table(Isa::avx512)) return table;
  if (const KernelTable* table = kernel_table(Isa::avx2)) return table;
  return kernel_table(Isa::base);
}

}  // namespace mien::kernels
