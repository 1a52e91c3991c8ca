#include "core/pages.hpp"

#include <sys/mman.h>

#include <cstdlib>

namespace mien::detail {

void* allocate_huge_pages(std::size_t bytes) noexcept {
  const std::size_t rounded = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  if (rounded < bytes) return nullptr;
  void* block = std::aligned_alloc(kHugePage, rounded);
#if defined(MADV_HUGEPAGE)
  if (block != nullptr) (void)madvise(block, rounded, MADV_HUGEPAGE);
#endif
  return block;
}

}  // namespace mien::detail
