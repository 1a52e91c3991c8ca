#include "mien/comm/communicator.hpp"

#include <algorithm>
#include <numeric>

#include "comm/alone.hpp"

namespace mien::comm {

void Communicator::all_gather(std::span<const std::byte> mine, std::span<std::byte> all,
                              std::span<const std::size_t> sizes) {
  const auto ranks = static_cast<std::size_t>(size());
  std::vector<std::span<const std::byte>> send(ranks, mine);
  std::vector<std::span<std::byte>> receive;
  std::size_t at = 0;
  for (std::size_t r = 0; r < ranks; ++r) {
    receive.push_back(all.subspan(at, sizes[r]));
    at += sizes[r];
  }
  const std::span<std::byte> own = receive[static_cast<std::size_t>(rank())];
  if (own.data() != mine.data()) std::copy(mine.begin(), mine.end(), own.begin());
  exchange(send, receive);
}

std::vector<std::string> Communicator::gather(const std::string& mine) {
  const std::vector<std::size_t> sizes = gather(mine.size());
  std::string all(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), '\0');
  all_gather(std::as_bytes(std::span(mine)), std::as_writable_bytes(std::span(all)), sizes);
  std::vector<std::string> texts;
  std::size_t at = 0;
  for (const std::size_t length : sizes) {
    texts.push_back(all.substr(at, length));
    at += length;
  }
  return texts;
}

void Communicator::broadcast(std::span<std::byte> values) {
  const auto ranks = static_cast<std::size_t>(size());
  std::vector<std::span<const std::byte>> send(ranks);
  std::vector<std::span<std::byte>> receive(ranks);
  if (rank() == 0) {
    std::fill(send.begin(), send.end(), values);
  } else {
    receive[0] = values;
  }
  exchange(send, receive);
}

bool Communicator::any(bool mine) {
  const std::vector<char> all = gather(static_cast<char>(mine));
  return std::any_of(all.begin(), all.end(), [](char one) { return one != 0; });
}

Communicator& alone() {
  static Alone one;
  return one;
}

}  // namespace mien::comm
