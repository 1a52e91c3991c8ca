// Fields of a checkpoint's JSON, checked.
#pragma once

#include <string>
#include <string_view>

#include "mien/core/error.hpp"
#include "mien/core/json.hpp"

namespace mien::train {

/// An integer that must not be negative.
inline std::uint64_t count_at(const Json& json, std::string_view key, const std::string& where) {
  const std::int64_t value = json.at(key, where).as_integer(where);
  if (value < 0) throw DataError(where + ": " + std::string(key) + " is negative");
  return static_cast<std::uint64_t>(value);
}

}  // namespace mien::train
