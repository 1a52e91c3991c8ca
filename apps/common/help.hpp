// What --help prints.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "common/program_text.hpp"

namespace apps {

inline constexpr std::size_t kHelpWidth = 100;

/// Description, usage, options in groups, examples and exit codes, in lines of at most kHelpWidth characters
/// where words allow.
std::string help_text(const CLI::App& app, const ProgramText& text);

/// `text` in lines of at most `width` characters, each behind `indent` blanks but for the first, which begins
/// at column `begun`; it ends with a line end. Words longer than a line have one of their own.
std::string wrapped(const std::string& text, std::size_t begun, std::size_t indent,
                    std::size_t width = kHelpWidth);

}  // namespace apps
