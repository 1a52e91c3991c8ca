// The file that --config names, as CLI11 reads it but for what editors do to text files.
#pragma once

#include <CLI/CLI.hpp>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace fertrain {

class ConfigFile : public CLI::ConfigBase {
 public:
  /// Passes over a UTF-8 byte order mark. Throws CLI::ConfigError for UTF-16.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    const std::string file{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
    std::istringstream text{utf8(file)};
    return ConfigBase::from_config(text);
  }

 private:
  static std::string utf8(const std::string& file) {
    try {
      return std::string(mien::utf8_text(file, "the file"));
    } catch (const mien::DataError& error) {
      throw CLI::ConfigError(error.what());
    }
  }
};

}  // namespace fertrain
