#include "mien/core/shape.hpp"

#include <limits>

#include "mien/core/error.hpp"

namespace mien {

Shape::Shape(std::initializer_list<Index> extents)
    : Shape(std::span<const Index>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const Index> extents) : rank_(extents.size()) {
  if (rank_ > kMaxRank) {
    throw ArgumentError("[shape] at most " + std::to_string(kMaxRank) + " extents, got " +
                        std::to_string(rank_));
  }
  // So that a size in bytes, whatever the type, still fits an Index: 2^59 where that has 64 bits.
  constexpr Index kLimit = std::numeric_limits<Index>::max() / 16 + 1;
  Index bound = 1;  // the product with zeros counted as ones: no order of extents may overflow
  for (std::size_t i = 0; i < rank_; ++i) {
    const Index extent = extents[i];
    if (extent < 0) throw ArgumentError("[shape] negative extent " + std::to_string(extent));
    if (extent > 1 && bound > kLimit / extent) throw ArgumentError("[shape] too many elements");
    bound *= extent > 1 ? extent : 1;
    size_ *= extent;
    extents_[i] = extent;
  }
}

Index Shape::operator[](std::size_t axis) const {
  if (axis >= rank_) {
    throw ArgumentError("[shape] no axis " + std::to_string(axis) + " in " + to_string());
  }
  return extents_[axis];
}

std::string Shape::to_string() const {
  if (rank_ == 0) return "scalar";
  std::string text;
  for (std::size_t i = 0; i < rank_; ++i) {
    if (i > 0) text += 'x';
    text += std::to_string(extents_[i]);
  }
  return text;
}

}  // namespace mien
