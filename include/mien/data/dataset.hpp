// Labeled gray images held as bytes; batches of floats are made from them later.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/shape.hpp"

namespace mien::data {

/// The three parts of FER2013: learn on training, choose on public_test, report private_test once.
enum class Split : std::uint8_t { training, public_test, private_test };
inline constexpr std::size_t kSplitCount = 3;
inline constexpr std::array<std::string_view, kSplitCount> kSplitNames{"Training", "PublicTest", "PrivateTest"};
constexpr std::string_view split_name(Split split) {
  return kSplitNames[static_cast<std::size_t>(split)];
}

/// FER2013's classes; a label is an index into this list.
inline constexpr std::size_t kClassCount = 7;
inline constexpr std::array<std::string_view, kClassCount> kClassNames{"angry", "disgust",  "fear",   "happy",
                                                                       "sad",   "surprise", "neutral"};
inline std::vector<std::string> class_names() {
  return {kClassNames.begin(), kClassNames.end()};
}

/// FER2013's images are kImageSide x kImageSide.
inline constexpr Index kImageSide = 48;

/// `labels` and `splits` hold one entry an image, `pixels` height * width bytes an image, row by row,
/// 0 black to 255 white. Readers in this folder give labels below kClassCount.
struct Dataset {
  Index height = kImageSide;
  Index width = kImageSide;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
  std::vector<Split> splits;
  std::string source;              ///< the path it was read from
  std::vector<std::string> notes;  ///< what a person should know about how it was read
  bool names_splits = true;        ///< false: the source does not say which images are for what
  bool numbers_classes = false;    ///< whether the source calls any class by a number (see ClassNumbers)

  Index size() const { return static_cast<Index>(labels.size()); }
  Index image_size() const { return height * width; }
  /// The height * width bytes of image `i`. Throws ArgumentError when there is no such image.
  std::span<const std::uint8_t> image(Index i) const;
  /// The images of one split, in file order.
  std::vector<std::uint32_t> indices(Split split) const;
};

}  // namespace mien::data
