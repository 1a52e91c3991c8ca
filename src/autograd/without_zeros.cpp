#include "autograd/without_zeros.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace mien::autograd {
namespace {

constexpr std::size_t kBlock = 32;

}  // namespace

std::vector<std::uint32_t> without_zeros(std::span<const float> values) {
  std::vector<std::uint32_t> all(values.size()), words;
  if (values.empty()) return words;
  std::memcpy(all.data(), values.data(), values.size_bytes());
  words.reserve(all.size());
  for (std::size_t begin = 0; begin < all.size(); begin += kBlock) {
    if (words.size() >= all.size()) return all;
    const std::size_t mask = words.size();
    words.push_back(0);
    for (std::size_t i = begin; i < std::min(begin + kBlock, all.size()); ++i) {
      if (all[i] == 0) continue;
      words[mask] |= std::uint32_t{1} << (i - begin);
      words.push_back(all[i]);
    }
  }
  return words.size() < all.size() ? words : all;
}

void with_zeros(std::span<float> values, std::span<const std::uint32_t> words) {
  if (values.empty()) return;
  if (words.size() == values.size()) {
    std::memcpy(values.data(), words.data(), values.size_bytes());
    return;
  }
  std::fill(values.begin(), values.end(), 0.0f);
  std::size_t next = 0;
  for (std::size_t begin = 0; begin < values.size(); begin += kBlock) {
    const std::uint32_t mask = words[next++];
    for (std::size_t i = begin; i < std::min(begin + kBlock, values.size()); ++i) {
      if ((mask >> (i - begin) & 1) == 0) continue;
      std::memcpy(&values[i], &words[next++], sizeof(float));
    }
  }
}

}  // namespace mien::autograd
