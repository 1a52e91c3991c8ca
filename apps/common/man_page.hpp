// A program's manual page, of what it says in --help.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "common/program_text.hpp"

namespace apps {

/// Text for man(7), section 1.
std::string man_page(const CLI::App& app, const ProgramText& text);

}  // namespace apps
