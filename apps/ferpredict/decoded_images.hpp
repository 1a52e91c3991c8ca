// Images decoded ahead of whoever looks at them.
#pragma once

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "images.hpp"
#include "mien/image/image.hpp"

namespace ferpredict {

struct DecodedImage {
  std::string path;
  std::string error;                ///< why there is no image; empty when there is one
  std::vector<std::uint8_t> bytes;  ///< the file's
  mien::image::GrayImage image;
  double decode_ms = 0;  ///< reading included
};

/// Gives the images of a list in its order, while the next ones are read and decoded by other threads.
class DecodedImages {
 public:
  /// `ahead` images are decoded beside the caller's work, each on a thread of its own; with 0 the caller
  /// decodes.
  DecodedImages(std::vector<ImageInput> inputs, int ahead);

  bool done() const { return next_ == inputs_.size(); }
  /// Not to be called when done.
  DecodedImage next();

 private:
  void start_more();

  std::vector<ImageInput> inputs_;
  std::size_t ahead_;
  std::size_t next_ = 0;                             // the image given next
  std::size_t started_ = 0;                          // images before this one are given or being decoded
  std::vector<std::future<DecodedImage>> decoding_;  // of image i at i
};

}  // namespace ferpredict
