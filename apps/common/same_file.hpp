// Whether a file that is to be written is one that has been read.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace apps {

using FileNumber = std::pair<dev_t, ino_t>;

/// The same for all names of a file or folder, links followed; none where there is none.
inline std::optional<FileNumber> file_number(const std::string& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return FileNumber{status.st_dev, status.st_ino};
}

/// Of what an open descriptor reads.
inline std::optional<FileNumber> file_number(int descriptor) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) return std::nullopt;
  return FileNumber{status.st_dev, status.st_ino};
}

/// A file that does not exist is another one.
inline bool same_file(const std::string& a, const std::string& b) {
  const std::optional<FileNumber> number = file_number(a);
  return number && number == file_number(b);
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
