#include "mien/data/dataset.hpp"

#include "mien/core/error.hpp"

namespace mien::data {

std::span<const std::uint8_t> Dataset::image(Index i) const {
  if (i < 0 || i >= size()) {
    throw ArgumentError("[dataset] there is no image " + std::to_string(i) + ", the dataset holds " +
                        std::to_string(size()));
  }
  return std::span(pixels).subspan(static_cast<std::size_t>(i * image_size()),
                                   static_cast<std::size_t>(image_size()));
}

std::vector<std::uint32_t> Dataset::indices(Split split) const {
  std::vector<std::uint32_t> found;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (splits[i] == split) found.push_back(static_cast<std::uint32_t>(i));
  }
  return found;
}

}  // namespace mien::data
