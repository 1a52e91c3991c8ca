// What ferpredict does with images.
#pragma once

#include "arguments.hpp"
#include "models.hpp"

namespace ferpredict {

/// Prints a prediction for each image. False when some could not be read; the others are still predicted.
bool predict_images(const Arguments& a, const std::vector<Model>& models);

}  // namespace ferpredict
