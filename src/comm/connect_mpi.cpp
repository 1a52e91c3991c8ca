#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "comm/alone.hpp"
#include "comm/launcher.hpp"
#include "mien/core/error.hpp"

namespace mien::comm {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kValues = 1;  // tags
constexpr int kFault = 2;
// MPI counts with int.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;
// How long a rank looks for what it waits for before it lets others of its machine work, and before it sleeps
// between looks.
constexpr auto kSpinning = std::chrono::microseconds(50);
constexpr auto kYielding = std::chrono::microseconds(500);
constexpr auto kNap = std::chrono::microseconds(50);
// How often rank 0 looks whether another rank has an error.
constexpr auto kLook = std::chrono::milliseconds(50);
// How long rank 0 may take to hear of one.
constexpr auto kPatience = std::chrono::seconds(20);

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// As what rank 0 would throw were the error its own; codes as documented in mien/core/error.hpp.
[[noreturn]] void rethrow(int code, const std::string& text) {
  if (code == 2) throw ArgumentError(text);
  if (code == 4) throw DivergedError(text);
  throw DataError(text);
}

class World : public Communicator {
 public:
  World() {
    int given = 0;
    // Threads compute; the one that has called this communicates.
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() override { MPI_Finalize(); }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  bool launched() const override { return true; }

  void exchange(std::span<const std::span<const std::byte>> send,
                std::span<const std::span<std::byte>> receive) override {
    const auto start = Clock::now();
    requests_.clear();
    // Each rank begins with another, so that not all send to the same one at first.
    for (int step = 1; step < size_; ++step) {
      const int from = (rank_ - step + size_) % size_;
      for_each_piece(receive[static_cast<std::size_t>(from)], [&](std::byte* bytes, int count) {
        MPI_Irecv(bytes, count, MPI_BYTE, from, kValues, MPI_COMM_WORLD, &requests_.emplace_back());
      });
    }
    for (int step = 1; step < size_; ++step) {
      const int to = (rank_ + step) % size_;
      const std::span<const std::byte> values = send[static_cast<std::size_t>(to)];
      traffic_.bytes += values.size();
      for_each_piece(values, [&](const std::byte* bytes, int count) {
        MPI_Isend(bytes, count, MPI_BYTE, to, kValues, MPI_COMM_WORLD, &requests_.emplace_back());
      });
    }
    wait();
    traffic_.seconds += seconds_since(start);
  }

  void fail(int code, const std::string& what) override {
    if (rank_ != 0) tell_first(code, what);
    MPI_Abort(MPI_COMM_WORLD, code);
    std::_Exit(code);
  }

 private:
  template <typename Byte, typename Piece>
  static void for_each_piece(std::span<Byte> values, Piece piece) {
    while (!values.empty()) {
      const std::size_t count = std::min(values.size(), kMostBytes);
      piece(values.data(), static_cast<int>(count));
      values = values.subspan(count);
    }
  }

  void wait() {
    const auto start = Clock::now();
    auto looked = start;
    for (int done = 0;;) {
      MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE);
      if (done != 0) return;
      const auto now = Clock::now();
      if (now - start > kYielding) {
        std::this_thread::sleep_for(kNap);
      } else if (now - start > kSpinning) {
        std::this_thread::yield();
      }
      if (rank_ == 0 && now - looked > kLook) {
        throw_fault();
        looked = now;
      }
    }
  }

  void throw_fault() {
    int there = 0, count = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, kFault, MPI_COMM_WORLD, &there, &status);
    if (there == 0) return;
    MPI_Get_count(&status, MPI_BYTE, &count);
    std::string text(static_cast<std::size_t>(count), '\0');
    MPI_Recv(text.data(), count, MPI_BYTE, status.MPI_SOURCE, kFault, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    rethrow(static_cast<unsigned char>(text[0]),
            "rank " + std::to_string(status.MPI_SOURCE) + ": " + text.substr(1));
  }

  // Rank 0 ends this process before it comes back.
  void tell_first(int code, const std::string& what) {
    const std::string text = static_cast<char>(code) + what;
    MPI_Request request;
    MPI_Isend(text.data(), static_cast<int>(text.size()), MPI_BYTE, 0, kFault, MPI_COMM_WORLD, &request);
    for (const auto start = Clock::now(); Clock::now() - start < kPatience;) {
      int done = 0;
      if (request != MPI_REQUEST_NULL) MPI_Test(&request, &done, MPI_STATUS_IGNORE);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::fprintf(stderr, "rank %d: %s\n", rank_, what.c_str());
  }

  int rank_ = 0, size_ = 1;
  std::vector<MPI_Request> requests_;
};

}  // namespace

// A process that nobody has started as a rank stays away from MPI, which would start processes of its own.
std::unique_ptr<Communicator> connect() {
  if (!launch().launched) return std::make_unique<Alone>();
  return std::make_unique<World>();
}

}  // namespace mien::comm
