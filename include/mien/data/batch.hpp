// Rows of a dataset made ready for a network.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mien/core/tensor.hpp"
#include "mien/data/dataset.hpp"
#include "mien/image/preprocess.hpp"

namespace mien::data {

struct Batch {
  Tensor images;  ///< [N][1][H][W], prepared
  std::vector<std::uint8_t> labels;
};

/// Prepares rows of a dataset: [rows][1][H][W] and their labels, in the order given.
Batch prepare(const Dataset& dataset, std::span<const std::uint32_t> rows, const image::Normalization& how);

}  // namespace mien::data
