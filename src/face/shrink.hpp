// An image at the size of a level, row by row.
#pragma once

#include <cstdint>
#include <vector>

#include "face/levels.hpp"
#include "mien/image/image.hpp"

namespace mien::face::detail {

/// How the rows or columns of a shrunk image come from those of the image: number i from `first[i]` and the one
/// after it, which weighs far[i] / 256 and leaves the rest to the first.
struct AxisWeights {
  std::vector<std::int32_t> first;
  std::vector<std::uint16_t> far;
};

/// Rows of `source`, whose edges are at least 2 pixels, at another size: interpolated between the nearest
/// pixels whose centers are at i + 1/2, with nothing averaged, and rounded once at the end. Not the way
/// cascades were trained, but the one OpenCV uses them with (INTER_LINEAR_EXACT). Several threads may use one,
/// each with a cache of its own.
class RowShrinker {
 public:
  RowShrinker(const image::GrayImage& source, Extent size);

  /// What a thread keeps from one row to the next.
  struct Cache {
    explicit Cache(const RowShrinker& shrinker);
    std::vector<std::uint16_t> rows[2];
    Index source_rows[2] = {-1, -1};
    std::vector<std::uint8_t> pixels;
  };

  /// Row y, valid until the next call with the same cache.
  const std::uint8_t* row(Index y, Cache& cache) const;

 private:
  const std::uint16_t* at_new_width(Index source_row, Index keep, Cache& cache) const;

  const image::GrayImage* source_;
  Extent size_;
  AxisWeights columns_, rows_;
};

}  // namespace mien::face::detail
