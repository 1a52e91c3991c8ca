#include "autograd/without_zeros.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace mien::autograd {
namespace {

constexpr std::size_t kBlock = 32;

}  // namespace

// Which values are zero is hard for a processor to foretell: neither way branches on it.
std::vector<std::uint32_t> without_zeros(std::span<const float> values) {
  const std::size_t size = values.size();
  std::vector<std::uint32_t> words(size + (size + kBlock - 1) / kBlock);
  std::size_t next = 0;
  for (std::size_t begin = 0; begin < size; begin += kBlock) {
    const std::size_t count = std::min(kBlock, size - begin);
    std::uint32_t block[kBlock], mask = 0;
    std::memcpy(block, values.data() + begin, count * sizeof(float));
    const std::size_t place = next++;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t there = block[i] != 0;
      words[next] = block[i];  // written over by the next one if it is zero
      next += there;
      mask |= there << i;
    }
    words[place] = mask;
  }
  words.resize(std::min(next, size));
  if (next >= size && size > 0) std::memcpy(words.data(), values.data(), values.size_bytes());
  return words;
}

void with_zeros(std::span<float> values, std::span<const std::uint32_t> words) {
  if (values.empty()) return;
  if (words.size() == values.size()) {
    std::memcpy(values.data(), words.data(), values.size_bytes());
    return;
  }
  std::size_t next = 0;
  for (std::size_t begin = 0; begin < values.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, values.size() - begin);
    const std::uint32_t mask = words[next++];
    std::uint32_t block[kBlock];
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t there = mask >> i & 1;
      block[i] = words[std::min(next, words.size() - 1)] & (0u - there);
      next += there;
    }
    std::memcpy(values.data() + begin, block, count * sizeof(float));
  }
}

}  // namespace mien::autograd
