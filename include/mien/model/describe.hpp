// A network as a table for people.
#pragma once

#include <string>

#include "mien/model/spec.hpp"

namespace mien::model {

/// A line a layer: name, spec, output shape, weights; then the sum. Ends with a line break.
std::string describe(const ModelSpec& spec);

}  // namespace mien::model
