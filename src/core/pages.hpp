// Memory for large arrays that are walked end to end.
#pragma once

#include <cstddef>

namespace mien::detail {

inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// At least `bytes`, in huge pages where the system has them: fewer page faults and TLB misses. A null pointer
/// when there is no memory; goes back by std::free.
void* allocate_huge_pages(std::size_t bytes) noexcept;

}  // namespace mien::detail
