// How much a network may make a processor do: a file of a few kilobytes can ask for hours.
#pragma once

#include "mien/model/model_file.hpp"

namespace mien::model {

/// What predicting one image takes at most, in operations on numbers: multiply-adds of layers with weights as
/// the formula has them, the values of each window of pooling and of `lrn`, and some for every value of each
/// layer. Of a network that finds faces it is for a picture of 1920 x 1080.
double operations(const ModelFile& model);

}  // namespace mien::model
