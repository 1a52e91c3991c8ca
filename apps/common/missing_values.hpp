// CLI11 takes the next word as the value of `--convert=`, behind which it has no place, and of `--epochs`, even
// where that word is another option.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "mien/core/error.hpp"

namespace apps {

/// Throws mien::ArgumentError for an option whose value is left empty behind the `=`, as a script does whose
/// variable is not set, and for one that has another option in its value's place.
inline void refuse_missing_values(const CLI::App& app, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") return;
    if (!word.starts_with("--")) continue;
    if (word.find('=') == word.size() - 1) {
      throw mien::ArgumentError(word + " expects a value behind the =");
    }
    const CLI::Option* option = app.get_option_no_throw(word);
    if (option == nullptr || option->get_items_expected_min() == 0 || ++i == argc) continue;
    const std::string value = argv[i], named = value.substr(0, value.find('='));
    if (value.starts_with("--") && app.get_option_no_throw(named) != nullptr) {
      throw mien::ArgumentError(word + " expects a value, and " + named + " is an option");
    }
  }
}

}  // namespace apps
