// The file that --config names, as CLI11 reads it but for what editors do to text files.
#pragma once

#include <CLI/CLI.hpp>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "mien/core/text.hpp"

namespace fertrain {

class ConfigFile : public CLI::ConfigBase {
 public:
  /// Passes over a UTF-8 byte order mark. Throws mien::DataError for UTF-16.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    const std::string file{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
    std::istringstream text{std::string(mien::utf8_text(file, "--config"))};
    return ConfigBase::from_config(text);
  }
};

}  // namespace fertrain
