// What fertrain says of itself.
#pragma once

#include "common/program_text.hpp"

namespace fertrain {

apps::ProgramText program_text();

}  // namespace fertrain
