#include "mien/core/parallel.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mien/core/error.hpp"

namespace mien {
namespace {

thread_local bool inside_parallel_work = false;

int usable_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// How long a worker looks for new work before it sleeps. Kernels follow each other within microseconds,
// and waking a sleeping thread costs about as much as a small layer.
constexpr int kSpins = 40000;

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

class ThreadPool {
 public:
  explicit ThreadPool(int threads) {
    try {
      for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { stop(); }

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  void run(Index count, detail::ChunkFunction body) {
    const std::lock_guard one_caller(callers_);
    Job job(count, body);
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    take_chunks(job);
    {
      std::unique_lock lock(mutex_);
      job_ = nullptr;  // no worker may enter any more; wait for those inside
      left_.wait(lock, [&] { return inside_ == 0; });
    }
    if (job.error) std::rethrow_exception(job.error);
  }

 private:
  struct Job {
    Job(Index chunk_count, detail::ChunkFunction chunk_body) : count(chunk_count), body(chunk_body) {}
    Index count;
    detail::ChunkFunction body;
    std::atomic<Index> next{0};
    std::mutex error_mutex;
    std::exception_ptr error;
  };

  static void take_chunks(Job& job) {
    inside_parallel_work = true;
    for (Index i = job.next.fetch_add(1); i < job.count; i = job.next.fetch_add(1)) {
      try {
        job.body(i);
      } catch (...) {
        const std::lock_guard lock(job.error_mutex);
        if (!job.error) job.error = std::current_exception();
        job.next.store(job.count);
      }
    }
    inside_parallel_work = false;
  }

  void work() {
    std::uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < kSpins && generation_.load(std::memory_order_acquire) == seen; ++spin) pause();
      Job* job = nullptr;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stopping_ || generation_.load(std::memory_order_relaxed) != seen; });
        if (stopping_) return;
        seen = generation_.load(std::memory_order_relaxed);
        job = job_;
        if (job == nullptr) continue;  // already finished without this worker
        ++inside_;
      }
      take_chunks(*job);
      const std::lock_guard lock(mutex_);
      if (--inside_ == 0) left_.notify_one();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
  }

  std::mutex callers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable left_;
  std::atomic<std::uint64_t> generation_{0};
  Job* job_ = nullptr;
  int inside_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

// Shared, so that a pool another thread is using outlives its replacement.
struct PoolHolder {
  std::mutex mutex;
  std::shared_ptr<ThreadPool> pool;
};

PoolHolder& holder() {
  static PoolHolder instance;
  return instance;
}

std::shared_ptr<ThreadPool> pool() {
  PoolHolder& h = holder();
  const std::lock_guard lock(h.mutex);
  if (!h.pool) h.pool = std::make_shared<ThreadPool>(usable_processors());
  return h.pool;
}

}  // namespace

void set_thread_count(int count) {
  if (count < 0 || count > 1024) {
    throw ArgumentError("[threads] expected 0 to 1024, got " + std::to_string(count));
  }
  if (inside_parallel_work) throw ArgumentError("[threads] not to be set from inside parallel work");
  const int wanted = count == 0 ? usable_processors() : count;
  PoolHolder& h = holder();
  const std::lock_guard lock(h.mutex);
  if (h.pool && h.pool->threads() == wanted) return;
  h.pool.reset();
  h.pool = std::make_shared<ThreadPool>(wanted);
}

int thread_count() {
  return pool()->threads();
}

namespace detail {

void run_chunks(Index count, ChunkFunction body) {
  if (count <= 0) return;
  if (!inside_parallel_work && count > 1) {
    const std::shared_ptr<ThreadPool> threads = pool();
    if (threads->threads() > 1) {
      threads->run(count, body);
      return;
    }
  }
  for (Index i = 0; i < count; ++i) body(i);
}

}  // namespace detail
}  // namespace mien
