// Whether a file that is to be written is one that has been read.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

namespace apps {

/// Links are followed; a file that does not exist is another one.
inline bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored);
}

/// Whether there is a file `file` in `folder` or a folder in it, links followed.
inline bool exists_in(const std::string& file, const std::string& folder) {
  std::error_code error;
  const std::filesystem::path inner = std::filesystem::canonical(file, error);
  if (error) return false;
  const std::filesystem::path outer = std::filesystem::canonical(folder, error);
  if (error || !std::filesystem::is_directory(outer, error)) return false;
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace apps
