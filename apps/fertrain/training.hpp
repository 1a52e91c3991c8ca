// A training run from arguments to files.
#pragma once

#include "arguments.hpp"

namespace fertrain {

/// Returns the program's exit code.
int train(const Arguments& arguments);

}  // namespace fertrain
