// Rows in which ReLU or dropout have left many zeros, made shorter for the way to other ranks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mien::autograd {

// For every 32 values a word says which of them are not zero (+0), then these follow. The values themselves, as
// many words, where that would not be shorter.
std::vector<std::uint32_t> without_zeros(std::span<const float> values);
void with_zeros(std::span<float> values, std::span<const std::uint32_t> words);

}  // namespace mien::autograd
