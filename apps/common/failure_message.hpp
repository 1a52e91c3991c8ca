// What CLI11 says of a wrong command line, with words of it that a terminal can show.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "mien/core/text.hpp"

namespace apps {

/// For CLI::App::failure_message.
inline std::string failure_message(const CLI::App*, const CLI::Error& error) {
  return mien::printable(error.what()) + "\nRun with --help for more information.\n";
}

}  // namespace apps
