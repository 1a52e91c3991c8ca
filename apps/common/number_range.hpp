// CLI11's own range checks let NaN pass, and print the largest double in full.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "mien/core/text.hpp"

namespace apps {

/// A finite number from `least` to `most`.
inline CLI::Validator number_range(double least, double most) {
  const std::string range = mien::format_number(least) + " to " + mien::format_number(most);
  const auto check = [=](const std::string& text) {
    const std::optional<double> value = mien::parse_double(text.starts_with('+') ? text.substr(1) : text);
    return value && *value >= least && *value <= most
               ? std::string()
               : "expected a number from " + range + ", got `" + text + "`";
  };
  return {check, range};
}

inline CLI::Validator not_negative() {
  const auto check = [](const std::string& text) {
    const std::optional<double> value = mien::parse_double(text);
    return value && *value >= 0 ? std::string() : "expected a number of at least 0, got `" + text + "`";
  };
  return {check, "NONNEGATIVE"};
}

/// The name of a file or device, which is never empty.
inline CLI::Validator not_empty() {
  return {[](const std::string& text) { return text.empty() ? "expected a name" : std::string(); }, ""};
}

}  // namespace apps
