// Ranks that are threads of the test, so that what several processes do can be tested where there is no MPI.
#pragma once

#include <algorithm>
#include <barrier>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "mien/comm/communicator.hpp"

namespace mien::test {

class ThreadsAsRanks {
 public:
  explicit ThreadsAsRanks(int size) : barrier_(size), sent_(static_cast<std::size_t>(size)) {
    for (int rank = 0; rank < size; ++rank) ranks_.push_back(std::make_unique<Rank>(*this, rank));
  }

  /// Calls body(communicator) of every rank in a thread of its own, and throws what rank 0 throws. What one
  /// throws, all have to.
  template <typename Body>
  void run(Body body) {
    std::vector<std::exception_ptr> errors(ranks_.size());
    std::vector<std::thread> threads;
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      threads.emplace_back([&, r] {
        try {
          body(*ranks_[r]);
        } catch (...) {
          errors[r] = std::current_exception();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    if (errors[0]) std::rethrow_exception(errors[0]);
  }

 private:
  class Rank : public comm::Communicator {
   public:
    Rank(ThreadsAsRanks& all, int rank) : all_(all), rank_(rank) {}
    int rank() const override { return rank_; }
    int size() const override { return static_cast<int>(all_.ranks_.size()); }
    bool launched() const override { return true; }
    void exchange(std::span<const std::span<const std::byte>> send,
                  std::span<const std::span<std::byte>> receive) override {
      const auto me = static_cast<std::size_t>(rank_);
      all_.sent_[me].assign(send.begin(), send.end());
      all_.barrier_.arrive_and_wait();
      for (std::size_t r = 0; r < receive.size(); ++r) {
        if (r == me) continue;
        const std::span<const std::byte> values = all_.sent_[r][me];
        std::copy(values.begin(), values.end(), receive[r].begin());
        traffic_.bytes += send[r].size();
      }
      all_.barrier_.arrive_and_wait();
    }
    void fail(int, const std::string&) override {}

   private:
    ThreadsAsRanks& all_;
    int rank_;
  };

  std::barrier<> barrier_;
  std::vector<std::vector<std::span<const std::byte>>> sent_;
  std::vector<std::unique_ptr<Rank>> ranks_;
};

}  // namespace mien::test
