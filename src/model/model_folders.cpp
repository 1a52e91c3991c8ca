#include <dlfcn.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "mien/model/named_model.hpp"

namespace mien::model {
namespace {

namespace fs = std::filesystem;

// Where this code is: the shared library, or the program it was linked into.
fs::path folder_of_library() {
  Dl_info info = {};
  const auto* here = reinterpret_cast<const void*>(&folder_of_library);
  if (dladdr(here, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code error;
  const fs::path file = fs::canonical(info.dli_fname, error);
  return error ? fs::path() : file.parent_path();
}

}  // namespace

FoundModel find_model(const std::string& word) {
  std::vector<fs::path> folders = {MIEN_MODELS_INSTALLED, MIEN_MODELS_IN_SOURCE_TREE};
  const fs::path library = folder_of_library();
  if (!library.empty())
    folders.insert(folders.begin(), (library / MIEN_MODELS_FROM_LIBRARY).lexically_normal());
  return find_model(word, with_named_folder(std::move(folders)));
}

}  // namespace mien::model
