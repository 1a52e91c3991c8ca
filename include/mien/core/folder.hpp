// Looking into folders.
#pragma once

#include <filesystem>
#include <system_error>
#include <vector>

namespace mien {

/// What lies in `folder`, "." and ".." left out, each with the folder's path before its name; in no order that
/// can be relied on. Where the folder cannot be read, `error` says why and the result holds what was read
/// before.
/// Throws std::bad_alloc where memory runs out: libstdc++'s directory_iterator ends the process instead.
std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder, std::error_code& error);

}  // namespace mien
