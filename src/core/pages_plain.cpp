// Of core/pages.cpp, what is left where pages are of one size and files are not mapped.
#include <cstdlib>

#include "core/pages.hpp"

namespace mien::detail {

void* allocate_huge_pages(std::size_t bytes) noexcept {
  constexpr std::size_t kAlignment = 64;
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return rounded < bytes ? nullptr : std::aligned_alloc(kAlignment, rounded);
}

void use_huge_pages(void*, std::size_t) noexcept {}

void* reserve_zero_pages(std::size_t bytes) noexcept {
  return std::calloc(bytes, 1);
}

void release_zero_pages(void* block, std::size_t) noexcept {
  std::free(block);
}

void forget_pages(void*, std::size_t) noexcept {}

void map_pages(const void*, std::size_t) noexcept {}

}  // namespace mien::detail
