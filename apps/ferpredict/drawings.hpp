// Where the pictures of --draw go.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "decoded_images.hpp"
#include "images.hpp"
#include "models.hpp"
#include "output.hpp"
#include "picture_decoder.hpp"
#include "prediction.hpp"

namespace ferpredict {

class Drawings {
 public:
  /// Of no pictures without --draw. Makes the folder that --draw names. Throws mien::ArgumentError where
  /// several pictures are to go into one file, a picture would replace something it is made from or
  /// another picture, the folder holds one of the images, or a file's ending is that of no picture, and
  /// mien::DataError where there can be no such folder.
  Drawings(const Arguments& a, const std::vector<Model>& models, const std::vector<ImageInput>& inputs);

  bool wanted() const { return !files_.empty(); }

  /// Writes the picture of input `i`. False, with the reason on stderr, when that fails.
  bool write(std::size_t i, const DecodedImage& image, const Prediction& prediction,
             const OutputContext& context, PictureDecoder& decoder);
  /// Says on stderr what has been written, if anything.
  void announce() const;

 private:
  std::string place_;
  std::vector<std::string> files_;  ///< one an input
  bool points_ = false;
  std::size_t written_ = 0;
};

}  // namespace ferpredict
