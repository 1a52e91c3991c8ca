// The extents of a tensor. Images are N x C x H x W (count, channels, height, width).
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>

namespace mien {

/// Counts, extents and places; signed, so that differences are safe.
using Index = std::ptrdiff_t;

/// Up to kMaxRank extents, each >= 0, held in place: copying a shape allocates nothing.
class Shape {
 public:
  static constexpr std::size_t kMaxRank = 6;

  Shape() = default;
  /// Throws ArgumentError for more than kMaxRank extents, a negative one, or a product beyond 2^59.
  Shape(std::initializer_list<Index> extents);
  explicit Shape(std::span<const Index> extents);

  std::size_t rank() const { return rank_; }
  /// Throws ArgumentError when `axis` is not below rank().
  Index operator[](std::size_t axis) const;
  /// The product of the extents; 1 for rank 0.
  Index size() const { return size_; }
  std::span<const Index> extents() const { return {extents_.data(), rank_}; }
  /// "50x1x48x48"; "scalar" for rank 0.
  std::string to_string() const;

  friend bool operator==(const Shape& a, const Shape& b) = default;

 private:
  std::array<Index, kMaxRank> extents_{};
  std::size_t rank_ = 0;
  Index size_ = 1;
};

}  // namespace mien
