// What ferpredict does with images.
#pragma once

#include "arguments.hpp"
#include "models.hpp"
#include "picture_decoder.hpp"

namespace ferpredict {

enum class Outcome {
  done,
  unreadable,  ///< some files could not be read or written; the others are predicted
  no_face,     ///< the one image given shows none
};

/// Prints a prediction for each image.
Outcome predict_images(const Arguments& a, const std::vector<Model>& models, PictureDecoder& decoder);

}  // namespace ferpredict
