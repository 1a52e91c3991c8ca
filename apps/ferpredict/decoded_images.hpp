// Images decoded ahead of whoever looks at them.
#pragma once

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "images.hpp"
#include "mien/image/image.hpp"
#include "picture_decoder.hpp"

namespace ferpredict {

struct DecodedImage {
  std::string path;
  std::string error;                ///< why there is no image; empty when there is one
  std::vector<std::uint8_t> bytes;  ///< the file's, where they are to be kept
  mien::image::GrayImage image;
  mien::image::RgbImage color;  ///< instead, where that is wanted
  double decode_ms = 0;         ///< reading included
};

struct DecodeAhead {
  int images = 0;           ///< read and decoded beside the caller's work, each on a thread of its own
  bool keep_bytes = false;  ///< of the files
  bool color = false;       ///< what is given: `color`, and not `image`
  PictureDecoder* decoder = &plain_decoder();
};

/// Gives the images of a list in its order, while the next ones are read and decoded by other threads. Stdin
/// and what is no regular file, which may keep a reader waiting, are read by the caller when it is their turn;
/// so is an image for which the system has no thread.
class DecodedImages {
 public:
  DecodedImages(std::vector<ImageInput> inputs, const DecodeAhead& ahead);

  bool done() const { return next_ == inputs_.size(); }
  /// Not to be called when done.
  DecodedImage next();

 private:
  void start_more();

  std::vector<ImageInput> inputs_;
  DecodeAhead ahead_;
  std::size_t next_ = 0;                             // the image given next
  std::size_t started_ = 0;                          // images before this one are given or being decoded
  std::vector<std::future<DecodedImage>> decoding_;  // of image i at i
};

}  // namespace ferpredict
