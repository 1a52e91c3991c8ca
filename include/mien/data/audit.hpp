// What to know about a data set before training on it: how its classes are spread, and which of its images
// occur twice.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mien/data/dataset.hpp"

namespace mien::data {

/// Counts of images; "same" means equal in every pixel. The first index is a Split.
struct Audit {
  /// A value for each Split.
  template <typename T>
  using PerSplit = std::array<T, kSplitCount>;

  PerSplit<Index> images{};
  std::vector<std::string> names{};        ///< of the classes
  PerSplit<std::vector<Index>> classes{};  ///< images of each class
  PerSplit<Index> flat{};                  ///< images of one gray level, or one color
  PerSplit<Index> repeats{};               ///< images that occurred before in their own split
  PerSplit<PerSplit<Index>> also_in{};     ///< [a][b]: images of split a that occur in split b too; 0 for a = b
  Index distinct = 0;                      ///< images after all repeats are taken out
  Index conflicting_groups = 0;            ///< sets of same images that carry more than one label
  Index conflicting_images = 0;            ///< the images in those sets
};

/// Throws ArgumentError for a label that is none of the dataset's classes.
Audit audit(const Dataset& dataset);

/// A table of some twenty lines, each ended by a line break; of many classes the first ones.
std::string to_text(const Audit& audit);

/// The Training images whose pixels also occur in a test split, in file order: leave them out of training
/// to measure on images never seen.
std::vector<std::uint32_t> leaks(const Dataset& dataset);
/// The other side: the images of test splits whose pixels also occur in Training, in file order.
std::vector<std::uint32_t> copies_of_training(const Dataset& dataset);

}  // namespace mien::data
