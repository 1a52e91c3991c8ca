// Which options go together.
#pragma once

#include "arguments.hpp"

namespace ferpredict {

/// Throws mien::ArgumentError for options of what is not there, and for those that would be passed over.
void check(const CLI::App& app, const Arguments& a);

}  // namespace ferpredict
