#include "mien/data/open.hpp"

#include <filesystem>
#include <system_error>

#include "mien/data/fer2013.hpp"
#include "mien/data/folders.hpp"

namespace mien::data {

Dataset open_dataset(const std::string& path, const ClassNumbers& numbers) {
  std::error_code ignored;  // a path that cannot be looked at is reported by the reader, with the reason
  if (std::filesystem::is_directory(path, ignored)) return read_image_folders(path, numbers);
  return read_fer2013_csv(path, {.classes = numbers});
}

}  // namespace mien::data
