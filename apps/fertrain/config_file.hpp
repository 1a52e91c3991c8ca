// The file that --config names, as CLI11 reads it but for what editors do to text files.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace fertrain {

class ConfigFile : public CLI::ConfigBase {
 public:
  /// Passes over a UTF-8 byte order mark. Throws CLI::ConfigError for UTF-16, and for more than a mebibyte.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::string file(kMaxBytes + 1, '\0');
    input.read(file.data(), static_cast<std::streamsize>(file.size()));
    file.resize(static_cast<std::size_t>(input.gcount()));
    if (file.size() > kMaxBytes) {
      throw CLI::ConfigError("larger than the limit of " + std::to_string(kMaxBytes) + " bytes");
    }
    std::istringstream text{utf8(file)};
    return ConfigBase::from_config(text);
  }

 private:
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

  static std::string utf8(const std::string& file) {
    try {
      return std::string(mien::utf8_text(file, "the file"));
    } catch (const mien::DataError& error) {
      throw CLI::ConfigError(error.what());
    }
  }
};

}  // namespace fertrain
