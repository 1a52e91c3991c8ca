#include "undisturbed.hpp"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "mien/core/parallel.hpp"

namespace mien::bench {
namespace {

constexpr double kMilliseconds = 250;  // of a round
constexpr int kMostRounds = 4;
constexpr std::size_t kEnough = 100;  // calls, or there is another round
constexpr double kShare = 0.95;       // of a call's time that a thread not held up has a processor

// In milliseconds from the start of the measurement.
struct Span {
  double begin, end;
  bool overlaps(const Span& other) const { return begin < other.end && other.begin < end; }
};

struct Spans {
  std::vector<Span> calls, held_up;
};

class Start {
 public:
  double ms_since() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - at_).count();
  }

 private:
  std::chrono::steady_clock::time_point at_ = std::chrono::steady_clock::now();
};

// Of the calling thread's time on processors.
double processor_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

// Of the calling thread.
Spans work_on(const Start& start, const std::function<void()>& work) {
  Spans spans;
  double begin = start.ms_since(), processor_begin = processor_ms();
  spans.held_up.push_back({0, begin});
  do {
    work();
    const double end = start.ms_since(), processor_end = processor_ms();
    spans.calls.push_back({begin, end});
    if (processor_end - processor_begin < kShare * (end - begin)) spans.held_up.push_back({begin, end});
    begin = end;
    processor_begin = processor_end;
  } while (begin < kMilliseconds);
  spans.held_up.push_back({begin, std::numeric_limits<double>::infinity()});
  return spans;
}

Spans work_on_all_threads(const std::function<void()>& work) {
  const Start start;
  std::vector<Spans> of_thread(static_cast<std::size_t>(thread_count()));
  parallel_for(thread_count(),
               [&](Index thread) { of_thread[static_cast<std::size_t>(thread)] = work_on(start, work); });
  Spans all;
  for (const Spans& spans : of_thread) {
    all.calls.insert(all.calls.end(), spans.calls.begin(), spans.calls.end());
    all.held_up.insert(all.held_up.end(), spans.held_up.begin(), spans.held_up.end());
  }
  return all;
}

}  // namespace

std::vector<double> undisturbed_ms(const std::function<void()>& work) {
  std::vector<double> undisturbed, all;
  for (int round = 0; round < kMostRounds && undisturbed.size() < kEnough; ++round) {
    const Spans spans = work_on_all_threads(work);
    for (const Span& call : spans.calls) {
      const bool disturbed = std::any_of(spans.held_up.begin(), spans.held_up.end(),
                                         [&](const Span& span) { return span.overlaps(call); });
      if (!disturbed) undisturbed.push_back(call.end - call.begin);
      all.push_back(call.end - call.begin);
    }
  }
  return undisturbed.empty() ? all : undisturbed;
}

}  // namespace mien::bench
