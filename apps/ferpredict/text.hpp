// What ferpredict says of itself.
#pragma once

#include "common/program_text.hpp"

namespace ferpredict {

apps::ProgramText program_text();

}  // namespace ferpredict
