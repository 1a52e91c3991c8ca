#include "mien/core/folder.hpp"

#include <dirent.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace mien {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

}  // namespace

std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder, std::error_code& error) {
  std::vector<std::filesystem::path> entries;
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.c_str()));
  while (open != nullptr) {
    errno = 0;  // the end of the folder leaves it so
    const dirent* entry = ::readdir(open.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back(folder / name);
  }
  error.assign(errno, std::generic_category());
  return entries;
}

}  // namespace mien
