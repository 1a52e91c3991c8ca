// What a command line says, as against defaults.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>

#include "mien/core/error.hpp"

namespace apps {

inline bool given(const CLI::App& app, const std::string& option) {
  return app.get_option(option)->count() > 0;
}

/// An option, whether what it is about is there, and what that is.
struct Needs {
  const char* option;
  bool there;
  const char* what;
};

/// Throws mien::ArgumentError for the first option that is given without what it needs and would be passed
/// over.
inline void require_needed(const CLI::App& app, std::span<const Needs> options) {
  for (const Needs& n : options) {
    if (given(app, n.option) && !n.there) {
      throw mien::ArgumentError(std::string(n.option) + " requires " + n.what);
    }
  }
}

}  // namespace apps
