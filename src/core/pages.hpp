// Memory for large arrays that are walked end to end.
#pragma once

#include <cstddef>

namespace mien::detail {

inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// At least `bytes`, in huge pages where the system has them: fewer page faults and TLB misses. A null pointer
/// when there is no memory; goes back by std::free.
void* allocate_huge_pages(std::size_t bytes) noexcept;

/// Asks for huge pages in the part of a block, not yet written to, that whole ones can cover.
void use_huge_pages(void* block, std::size_t bytes) noexcept;

/// At least `bytes` of zeros that take memory only where they are written to. A null pointer when the system
/// refuses; goes back by release_zero_pages, with the same number of bytes.
void* reserve_zero_pages(std::size_t bytes) noexcept;
void release_zero_pages(void* block, std::size_t bytes) noexcept;

/// Gives the memory of whole pages back, which are zeros then, and take some when they are written to again.
/// What is no whole page stays. Without effect where the system cannot.
void forget_pages(void* begin, std::size_t bytes) noexcept;

/// Maps the pages of a mapped file at once rather than with a page fault for every few of them, which cost more
/// than reading the text does. Without effect where the system cannot.
void map_pages(const void* begin, std::size_t bytes) noexcept;

}  // namespace mien::detail
