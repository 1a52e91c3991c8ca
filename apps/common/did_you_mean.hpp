// What is said of a wrong command line, with the option that may have been meant.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace apps {

/// The word most like `word`, so that a slip of one or two letters, a missing end or another separator leads to
/// it; empty where none is like it.
std::string most_like(const std::string& word, const std::vector<std::string>& words);

/// "; did you mean --epochs?", or nothing. With or without the dashes.
std::string option_meant(const CLI::App& app, const std::string& word);

/// For CLI::App::failure_message: the error, with words of it that a terminal can show.
std::string failure_message(const CLI::App* app, const CLI::Error& error);

}  // namespace apps
