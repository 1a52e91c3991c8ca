// The tables that the per-ISA sources define; dispatch.cpp chooses among them.
#pragma once

#include "kernels/kernel_table.hpp"

namespace mien::kernels {

namespace base {
extern const KernelTable table;
}
namespace avx2 {
extern const KernelTable table;
}
namespace avx512 {
extern const KernelTable table;
}
namespace avx512bf16 {
extern const ProductKernels bf16_products;
}

}  // namespace mien::kernels
