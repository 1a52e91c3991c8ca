// CLI11 takes the next word as the value of `--convert=`, which is no word's place.
#pragma once

#include <string>

#include "mien/core/error.hpp"

namespace apps {

/// Throws mien::ArgumentError for an option whose value is left empty behind the `=`, as a script does whose
/// variable is not set.
inline void refuse_empty_values(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") return;
    if (word.starts_with("--") && word.find('=') == word.size() - 1) {
      throw mien::ArgumentError(word + " expects a value behind the =");
    }
  }
}

}  // namespace apps
