// Whether a file that is to be written is one that has been read.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

namespace apps {

/// Links are followed; a file that does not exist is another one.
inline bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored);
}

}  // namespace apps
