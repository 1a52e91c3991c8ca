// Labeled images of one size held as bytes; batches of floats are made from them later.
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
/// What FER2013 calls it: "Training", "PublicTest" or "PrivateTest".
constexpr std::string_view split_name(Split split) {
  return kSplitNames[static_cast<std::size_t>(split)];
}

/// FER2013's classes, in its order.
inline constexpr std::size_t kClassCount = 7;
inline constexpr std::array<std::string_view, kClassCount> kClassNames{"angry", "disgust",  "fear",   "happy",
                                                                       "sad",   "surprise", "neutral"};
/// kClassNames as strings.
inline std::vector<std::string> class_names() {
  return {kClassNames.begin(), kClassNames.end()};
}

/// FER2013's images are kImageSide x kImageSide.
inline constexpr Index kImageSide = 48;

/// A label is a byte.
inline constexpr std::size_t kMostClasses = 256;

/// `labels` and `splits` hold one entry an image, `pixels` channels * height * width bytes an image: gray, or
/// the planes of red, green and blue one behind the other, each row by row, 0 dark to 255 bright.
struct Dataset {
  Index channels = 1;  ///< 1 or 3
  Index height = kImageSide;
  Index width = kImageSide;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;                  ///< indices into `classes`
  std::vector<std::string> classes = class_names();  ///< at most kMostClasses
  /// What to learn of each image, classes.size() shares that sum to 1; empty: its label alone.
  std::vector<float> targets;
  std::vector<Split> splits;
  std::vector<std::string> files;  ///< the path of each image; none where they are rows of one file
  std::string source;              ///< the path it was read from
  std::vector<std::string> notes;  ///< what a person should know about how it was read
  bool names_splits = true;        ///< false: the source does not say which images are for what
  bool numbers_classes = false;    ///< whether the source calls any class by a number (see ClassNumbers)

  Index size() const { return static_cast<Index>(labels.size()); }
  Index image_size() const { return channels * height * width; }
  Shape image_shape() const { return {channels, height, width}; }
  /// The image_size() bytes of image `i`. Throws ArgumentError when there is no such image.
  std::span<const std::uint8_t> image(Index i) const;
  /// The images of one split, in file order.
  std::vector<std::uint32_t> indices(Split split) const;
};

}  // namespace mien::data
