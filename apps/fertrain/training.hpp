// A training run from arguments to files.
#pragma once

#include "arguments.hpp"
#include "mien/comm/communicator.hpp"

namespace fertrain {

/// Returns the program's exit code. Of several ranks the first alone writes and says something.
int train(const Arguments& arguments, mien::comm::Communicator& ranks = mien::comm::alone());

}  // namespace fertrain
