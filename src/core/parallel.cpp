#include "mien/core/parallel.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/pause.hpp"
#include "core/processors.hpp"
#include "mien/core/error.hpp"

namespace mien {
namespace {

thread_local bool inside_parallel_work = false;

// How long a worker looks for new work before it sleeps. Kernels follow each other within microseconds,
// and waking a sleeping thread costs about as much as a small layer.
constexpr int kSpins = 40000;
// How long the caller looks whether the workers have ended before it sleeps: less, for where there are fewer
// processors than threads they wait for its.
constexpr int kCallerSpins = 4000;

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
    }
    // Behind the lock, which workers that see it take at once.
    generation_.fetch_add(1);
    if (asleep_.load() > 0) {
      { const std::lock_guard lock(mutex_); }  // none is between looking at the generation and its sleep
      wake_.notify_all();
    }
    take_chunks(job);
    {
      const std::lock_guard lock(mutex_);
      job_ = nullptr;  // no worker may enter any more
    }
    wait_for_those_inside();
    if (job.error) std::rethrow_exception(job.error);
  }

 private:
  // They are about to end: to sleep, and to be woken, may take longer.
  void wait_for_those_inside() {
    for (int spin = 0; spin < kCallerSpins; ++spin) {
      if (inside_.load() == 0) return;
      detail::pause();
    }
    std::unique_lock lock(mutex_);
    caller_sleeps_ = true;
    left_.wait(lock, [&] { return inside_.load() == 0; });
    caller_sleeps_ = false;
  }
  void leave() {
    if (inside_.fetch_sub(1) > 1 || !caller_sleeps_) return;
    const std::lock_guard lock(mutex_);
    left_.notify_one();
  }

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
      for (int spin = 0; spin < kSpins && generation_.load(std::memory_order_acquire) == seen; ++spin) {
        detail::pause();
      }
      Job* job = nullptr;
      {
        std::unique_lock lock(mutex_);
        ++asleep_;
        wake_.wait(lock, [&] { return stopping_ || generation_.load() != seen; });
        --asleep_;
        if (stopping_) return;
        seen = generation_.load(std::memory_order_relaxed);
        job = job_;
        if (job == nullptr) continue;  // already finished without this worker
        ++inside_;
      }
      take_chunks(*job);
      leave();
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
  std::atomic<int> asleep_{0};  // workers that sleep or are about to
  std::atomic<int> inside_{0};  // workers that may look at the job
  std::atomic<bool> caller_sleeps_{false};
  Job* job_ = nullptr;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

struct PoolHolder {
  std::mutex mutex;
  std::shared_ptr<ThreadPool> pool;  // shared: a pool that another thread is using outlives its replacement
  int wanted = 0;                    // threads; 0 before anyone has said or needed it
  bool ended = false;                // the process is: what still computes does so in its own thread
  std::vector<std::shared_ptr<ThreadPool>> given_up;  // pools of a parent, whose threads are not there
};

// Never destroyed: threads and static objects may compute while the process ends.
PoolHolder& pool_holder();

// fork() copies the calling thread alone. The child's copy of the pool would wait for threads that are not
// there: it is given up, never destroyed, and the child's first parallel work makes another.
void before_fork() {
  pool_holder().mutex.lock();
}
void after_fork_in_parent() {
  pool_holder().mutex.unlock();
}
void after_fork_in_child() {
  PoolHolder& holder = pool_holder();
  if (holder.pool) holder.given_up.push_back(std::move(holder.pool));
  holder.mutex.unlock();
}

// The threads end before the code they run may be unloaded.
struct StopAtExit {
  ~StopAtExit() {
    PoolHolder& holder = pool_holder();
    std::shared_ptr<ThreadPool> last;  // destroyed behind the lock
    const std::lock_guard lock(holder.mutex);
    holder.ended = true;
    last.swap(holder.pool);
  }
};

PoolHolder& pool_holder() {
  static PoolHolder* const instance = [] {
    auto* holder = new PoolHolder;
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    return holder;
  }();
  static const StopAtExit stop_at_exit;
  return *instance;
}

/// Null once the process is ending.
std::shared_ptr<ThreadPool> pool() {
  PoolHolder& holder = pool_holder();
  const std::lock_guard lock(holder.mutex);
  if (holder.wanted == 0) holder.wanted = detail::usable_processors();
  if (!holder.pool && !holder.ended) holder.pool = std::make_shared<ThreadPool>(holder.wanted);
  return holder.pool;
}

}  // namespace

void set_thread_count(int count) {
  if (count < 0 || count > 1024) {
    throw ArgumentError("[threads] expected 0 to 1024, got " + std::to_string(count));
  }
  if (inside_parallel_work) throw ArgumentError("[threads] not to be set from inside parallel work");
  const int wanted = count == 0 ? detail::usable_processors() : count;
  PoolHolder& holder = pool_holder();
  const std::lock_guard lock(holder.mutex);
  if (holder.pool && holder.pool->threads() == wanted) return;
  holder.pool.reset();
  if (!holder.ended) holder.pool = std::make_shared<ThreadPool>(wanted);
  holder.wanted = wanted;
}

int thread_count() {
  const std::shared_ptr<ThreadPool> threads = pool();
  return threads ? threads->threads() : 1;
}

namespace detail {

bool in_parallel_work() {
  return inside_parallel_work;
}

void run_chunks(Index count, ChunkFunction body) {
  if (count <= 0) return;
  if (!inside_parallel_work && count > 1) {
    const std::shared_ptr<ThreadPool> threads = pool();
    if (threads && threads->threads() > 1) {
      threads->run(count, body);
      return;
    }
  }
  for (Index i = 0; i < count; ++i) body(i);
}

}  // namespace detail
}  // namespace mien
