// What the command line says about output.
#pragma once

#include <string>
#include <vector>

#include "arguments.hpp"
#include "output.hpp"

namespace ferpredict {

OutputContext output_context(const Arguments& a, const std::vector<std::string>& labels);

}  // namespace ferpredict
