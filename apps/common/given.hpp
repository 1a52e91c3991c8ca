// What a command line says, as against defaults.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace apps {

inline bool given(const CLI::App& app, const std::string& option) {
  return app.get_option(option)->count() > 0;
}

}  // namespace apps
