// The processes that train one network together, called ranks and numbered from 0. Nothing here adds numbers
// up: they are moved, and every rank adds them itself, in an order that the problem fixes. So results do not
// depend on how many ranks there are.
//
// All ranks make the same calls in the same order. A call waits for the others; what ends it otherwise is told
// at fail().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace mien::comm {

/// What this rank has sent to others, and how long it has waited in calls, sending included.
struct Traffic {
  std::uint64_t bytes = 0;
  double seconds = 0;
};

/// What ranks do together; one process by itself is a rank, too.
class Communicator {
 public:
  virtual ~Communicator() = default;

  /// This one's number.
  virtual int rank() const = 0;
  /// How many there are.
  virtual int size() const = 0;
  /// Whether something like mpirun has started the process, be it alone.
  virtual bool launched() const = 0;

  /// send[r] goes to rank r, receive[r] comes from it; how long each is, both sides know. What is for the own
  /// rank is passed over.
  virtual void exchange(std::span<const std::span<const std::byte>> send,
                        std::span<const std::span<std::byte>> receive) = 0;

  /// For a rank that cannot go on with `what`, an error whose exit code is `code`, 1 to 255. Rank 0 ends all
  /// ranks with that code at once. Another rank tells rank 0, which throws the error from whatever call it is
  /// waiting in as the same kind of mien::Error, "rank 3: " in front; where rank 0 does not come to it, this
  /// one prints it and ends all. Does nothing, and returns, where there is one rank alone.
  virtual void fail(int code, const std::string& what) = 0;

  /// So far.
  Traffic traffic() const { return traffic_; }

  /// Every rank's `mine`, which is sizes[rank()] bytes, one after another into `all`.
  void all_gather(std::span<const std::byte> mine, std::span<std::byte> all,
                  std::span<const std::size_t> sizes);
  /// One value of each rank.
  template <typename T>
  std::vector<T> gather(const T& mine) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::vector<T> all(static_cast<std::size_t>(size()));
    const std::vector<std::size_t> sizes(all.size(), sizeof(T));
    all_gather(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)), sizes);
    return all;
  }
  /// One text of each rank.
  std::vector<std::string> gather(const std::string& mine);
  /// Rank 0's value.
  template <typename T>
  T of_first(const T& mine) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value = mine;
    broadcast(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
  /// From rank 0 to all.
  void broadcast(std::span<std::byte> values);
  /// Whether any rank says so.
  bool any(bool mine);
  /// Until all ranks are here.
  void barrier() { (void)any(false); }

 protected:
  Traffic traffic_;
};

/// One process by itself.
Communicator& alone();

/// The ranks that this process was started with, by mpirun or the like; one process alone where it was not. To
/// be called once, before anything else of MPI. Throws ArgumentError where it was started with others and the
/// library was built without MPI.
std::unique_ptr<Communicator> connect();

}  // namespace mien::comm
