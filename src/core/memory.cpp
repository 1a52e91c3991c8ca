#include "mien/core/memory.hpp"

#include <pthread.h>

#include <cstdlib>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

#include "core/pages.hpp"

namespace mien {
namespace {

// Under sanitizers blocks go back at once, so that a use after release is seen.
#if defined(MIEN_SANITIZE)
constexpr bool kRecycle = false;
#else
constexpr bool kRecycle = true;
#endif

constexpr std::size_t kAlignment = 64;

// Says which thread asks.
const void* this_thread() {
  thread_local const char place = 0;
  return &place;
}

struct FreeBlock {
  void* block;
  const void* thread;  // which had it last, and in whose caches some of it may be
};

// The block of this thread that was given back last, or that of another one.
void* take_block(std::vector<FreeBlock>& blocks) {
  constexpr std::size_t kLooks = 16;
  std::size_t at = blocks.size() - 1;
  for (std::size_t i = blocks.size(), looks = 0; i > 0 && looks < kLooks; --i, ++looks) {
    if (blocks[i - 1].thread != this_thread()) continue;
    at = i - 1;
    break;
  }
  void* const block = blocks[at].block;
  blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(at));
  return block;
}

class BlockCache {
 public:
  void* acquire(std::size_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      statistics_.live_bytes += bytes;
      auto found = free_.find(bytes);
      if (found != free_.end() && !found->second.empty()) {
        void* block = take_block(found->second);
        statistics_.cached_bytes -= bytes;
        return block;
      }
      ++statistics_.system_allocations;
    }
    void* const block = allocate(bytes);
    if (block == nullptr) {
      const std::lock_guard lock(mutex_);
      statistics_.live_bytes -= bytes;
      throw std::bad_alloc();
    }
    return block;
  }

  void release(void* block, std::size_t bytes) noexcept {
    const std::lock_guard lock(mutex_);
    statistics_.live_bytes -= bytes;
    if (!kRecycle || !keep(block, bytes, this_thread())) std::free(block);
  }

  // Sees to it that so many are free. They keep the threads that had them.
  void reserve(std::size_t bytes, std::size_t count) {
    while (kRecycle) {
      {
        const std::lock_guard lock(mutex_);
        if (free_[bytes].size() >= count) return;
        ++statistics_.system_allocations;
      }
      void* const block = allocate(bytes);
      if (block == nullptr) throw std::bad_alloc();
      const std::lock_guard lock(mutex_);
      if (keep(block, bytes, nullptr)) continue;
      std::free(block);
      throw std::bad_alloc();
    }
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    for (auto& [bytes, blocks] : free_) {
      for (const FreeBlock& free : blocks) std::free(free.block);
    }
    free_.clear();
    statistics_.cached_bytes = 0;
  }

  MemoryStatistics statistics() {
    const std::lock_guard lock(mutex_);
    return statistics_;
  }

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  // Whether the block is free from now on: there may be no memory to note it. The lock is held.
  bool keep(void* block, std::size_t bytes, const void* thread) noexcept {
    try {
      free_[bytes].push_back({block, thread});
    } catch (const std::bad_alloc&) {
      return false;
    }
    statistics_.cached_bytes += bytes;
    return true;
  }

  // Null where there is no memory, not even with what is cached under other sizes.
  void* allocate(std::size_t bytes) {
    if (void* const block = ask_system(bytes)) return block;
    clear();
    return ask_system(bytes);
  }
  static void* ask_system(std::size_t bytes) {
    // Weight matrices are walked end to end every step.
    if (bytes >= detail::kHugePage) return detail::allocate_huge_pages(bytes);
    return std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  }

  std::mutex mutex_;
  std::unordered_map<std::size_t, std::vector<FreeBlock>> free_;
  MemoryStatistics statistics_;
};

// Never destroyed: tensors with static storage duration may be released after main.
BlockCache& cache() {
  static BlockCache* const instance = [] {
    auto* made = new BlockCache;
    // A child of fork() must not find the lock held by a thread that was not copied.
    pthread_atfork([] { cache().lock(); }, [] { cache().unlock(); }, [] { cache().unlock(); });
    return made;
  }();
  return *instance;
}

}  // namespace

MemoryStatistics memory_statistics() {
  return cache().statistics();
}
void release_cached_memory() {
  cache().clear();
}

namespace detail {
void* acquire_block(std::size_t bytes) {
  return cache().acquire(bytes);
}
void release_block(void* block, std::size_t bytes) noexcept {
  cache().release(block, bytes);
}
void reserve_blocks(std::size_t bytes, std::size_t count) {
  cache().reserve(bytes, count);
}
}  // namespace detail

}  // namespace mien
