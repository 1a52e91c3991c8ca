// What lets a shell complete a program's options and their values.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "common/program_text.hpp"

namespace apps {

/// A file for share/bash-completion/completions, to be called as the program.
std::string bash_completion(const CLI::App& app, const ProgramText& text);

/// A file for zsh's site-functions, to be called _NAME.
std::string zsh_completion(const CLI::App& app, const ProgramText& text);

}  // namespace apps
