#include "image/stb_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "core/pages.hpp"

namespace mien::image::detail {
namespace {

struct Budget {
  std::size_t left = 0;
  StbPages pages = StbPages::cleared;
  bool refused = false;
};
thread_local Budget budget;

/// In front of every block; keeps what follows aligned as malloc does.
struct alignas(std::max_align_t) BlockHeader {
  std::size_t bytes;
  bool reserved;  // by reserve_zero_pages
};

bool is_large(std::size_t bytes) {
  return bytes >= mien::detail::kHugePage / 2;
}

/// Zeros. The planes of a photo are written once each, so that half of the time would go into page faults.
void* zeros(std::size_t bytes, bool reserved) {
  if (!is_large(bytes)) return std::calloc(1, bytes);
  if (reserved) return mien::detail::reserve_zero_pages(bytes);
  void* raw = mien::detail::allocate_huge_pages(bytes);
  return raw == nullptr ? nullptr : std::memset(raw, 0, bytes);
}

}  // namespace

void set_stb_budget(std::size_t bytes, StbPages pages) {
  budget = {bytes, pages, false};
}

bool stb_budget_was_exceeded() {
  return budget.refused;
}

void* stb_malloc(std::size_t bytes) {
  void* raw = nullptr;
  const std::size_t whole = sizeof(BlockHeader) + bytes;
  const bool reserved = budget.pages == StbPages::on_demand && is_large(whole);
  if (bytes <= budget.left && whole > bytes) raw = zeros(whole, reserved);
  if (raw == nullptr) {
    budget.refused = true;
    return nullptr;
  }
  budget.left -= bytes;
  return ::new (raw) BlockHeader{bytes, reserved} + 1;
}

void stb_free(void* block) {
  if (block == nullptr) return;
  BlockHeader* header = static_cast<BlockHeader*>(block) - 1;
  budget.left += header->bytes;
  if (header->reserved) {
    mien::detail::release_zero_pages(header, sizeof(BlockHeader) + header->bytes);
  } else {
    std::free(header);
  }
}

void* stb_realloc(void* block, std::size_t bytes) {
  void* grown = stb_malloc(bytes);
  if (grown == nullptr || block == nullptr) return grown;
  const std::size_t old_bytes = (static_cast<BlockHeader*>(block) - 1)->bytes;
  std::memcpy(grown, block, std::min(bytes, old_bytes));
  stb_free(block);
  return grown;
}

}  // namespace mien::image::detail
