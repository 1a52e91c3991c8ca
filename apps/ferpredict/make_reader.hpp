// The reader that a command line asks for.
#pragma once

#include <vector>

#include "arguments.hpp"
#include "mien/reader/face_reader.hpp"
#include "models.hpp"

namespace ferpredict {

/// `fall_back` as in ReaderOptions. Throws mien::DataError when a model takes colors, for models that want
/// different margins or crops when none is given, and for a network or cascade that cannot be read;
/// mien::reader::NoCascadeError.
mien::reader::FaceReader make_reader(const Arguments& a, const std::vector<Model>& models, bool fall_back);

}  // namespace ferpredict
