#include "heap.hpp"

#include <cstdint>
#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace ferpredict {

#if defined(__GLIBC__)

namespace {

std::uintptr_t end_of_heap() {
  return reinterpret_cast<std::uintptr_t>(sbrk(0));
}

void use_huge_pages([[maybe_unused]] std::uintptr_t begin, [[maybe_unused]] std::uintptr_t end) {
#if defined(MADV_HUGEPAGE)
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  begin = (begin + kHugePage - 1) / kHugePage * kHugePage;
  end = end / kHugePage * kHugePage;
  if (begin < end) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace

void set_up_heap() {
  constexpr int kMiB = 1 << 20;
  // A photo of 1920 x 1080, its pyramid and the small model take half of that.
  constexpr int kPiece = 64 * kMiB;
  mallopt(M_ARENA_MAX, 1);               // threads share what is kept
  mallopt(M_MMAP_THRESHOLD, 32 * kMiB);  // the most that older versions of glibc take
  mallopt(M_TRIM_THRESHOLD, 4 * kPiece);
  mallopt(M_TOP_PAD, kPiece);
  const std::uintptr_t before = end_of_heap();
  void* volatile more = std::malloc(2 * kMiB);  // than is there, so that the heap grows by a piece
  std::free(more);
  use_huge_pages(before, end_of_heap());
  mallopt(M_TOP_PAD, 2 * kMiB);
}

#else

void set_up_heap() {}

#endif

}  // namespace ferpredict
