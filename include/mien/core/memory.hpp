// Where tensors get their storage: blocks recycled by exact size.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mien {

/// How much memory tensors hold.
struct MemoryStatistics {
  std::uint64_t system_allocations = 0;  ///< how often the operating system was asked for memory
  std::size_t live_bytes = 0;            ///< handed out and not yet released
  std::size_t cached_bytes = 0;          ///< released, kept for the next request of the same size
};

/// The statistics of this process as they are now.
MemoryStatistics memory_statistics();

/// Gives every cached block back to the operating system.
void release_cached_memory();

namespace detail {
/// 64-byte aligned; throws std::bad_alloc. `bytes` must be given again to release_block.
void* acquire_block(std::size_t bytes);
void release_block(void* block, std::size_t bytes) noexcept;
/// Sees to it that acquire_block finds so many blocks of this size without asking the system.
void reserve_blocks(std::size_t bytes, std::size_t count);
}  // namespace detail

}  // namespace mien
