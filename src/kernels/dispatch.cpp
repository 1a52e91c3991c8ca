#include "kernels/tables.hpp"

namespace mien::kernels {
namespace {

#ifdef MIEN_HAVE_X86_64_KERNELS
const KernelTable& avx512bf16_table() {
  static const KernelTable table = [] {
    KernelTable copy = avx512::table;
    copy.isa = isa_name(Isa::avx512bf16);
    copy.bf16 = avx512bf16::bf16_products;
    return copy;
  }();
  return table;
}
#endif

}  // namespace

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::base:
      return "base";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    case Isa::avx512bf16:
      return "avx512bf16";
  }
  return "";
}

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
    case Isa::avx512bf16:
      return kernel_table(Isa::avx512) != nullptr && __builtin_cpu_supports("avx512bf16") ? &avx512bf16_table()
                                                                                          : nullptr;
  }
  return nullptr;
#else
  return isa == Isa::base ? &base::table : nullptr;
#endif
}

const KernelTable* best_kernel_table() {
  const KernelTable* best = nullptr;
  for (const Isa isa : kIsas) {
    if (const KernelTable* table = kernel_table(isa)) best = table;
  }
  return best;
}

}  // namespace mien::kernels
