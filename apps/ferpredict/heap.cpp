#include "heap.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace ferpredict {

#if defined(__GLIBC__)

void widen_heap() {
  constexpr int kMiB = 1 << 20;
  constexpr int kPiece = 64 * kMiB;  // a photo of 1920 x 1080, its pyramid and the model take half of that
  constexpr std::uintptr_t kHugePage = 2 * kMiB;
  mallopt(M_ARENA_MAX, 1);               // threads share what is kept
  mallopt(M_MMAP_THRESHOLD, 32 * kMiB);  // the most it takes
  mallopt(M_TRIM_THRESHOLD, 4 * kPiece);
  mallopt(M_TOP_PAD, kPiece);
  void* volatile more = std::malloc(kHugePage);  // than is there, so that the heap grows by a piece
  std::free(more);
#if defined(MADV_HUGEPAGE)
  const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0)) / kHugePage * kHugePage;
  (void)madvise(reinterpret_cast<void*>(end - kPiece + kHugePage), kPiece - kHugePage, MADV_HUGEPAGE);
#endif
  mallopt(M_TOP_PAD, static_cast<int>(kHugePage));
}

#else

void widen_heap() {}

#endif

}  // namespace ferpredict
