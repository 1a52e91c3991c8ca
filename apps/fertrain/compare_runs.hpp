// --compare.
#pragma once

#include "arguments.hpp"

namespace fertrain {

/// Writes the picture or page, and prints the table of best values. Throws as read_runs does, ArgumentError for
/// fewer than two runs and another ending of the file, and DataError where it cannot be written.
void compare_runs(const Arguments& a);

}  // namespace fertrain
