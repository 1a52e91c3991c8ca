#include "images.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "common/exit_codes.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/folder.hpp"
#include "mien/image/decode.hpp"

namespace ferpredict {
namespace {

std::vector<ImageInput> images_in(const std::string& folder) {
  std::vector<std::string> names;
  int others = 0, folders = 0;
  std::error_code error;
  for (const std::filesystem::path& path : mien::list_folder(folder, error)) {
    std::error_code ignored;
    const std::filesystem::file_status status = std::filesystem::status(path, ignored);
    if (std::filesystem::is_directory(status) && !path.filename().string().starts_with('.')) ++folders;
    if (!std::filesystem::is_regular_file(status)) continue;
    if (mien::image::is_image_name(path)) {
      names.push_back(path.string());
    } else {
      ++others;
    }
  }
  if (error) return {{folder, folder + ": " + error.message()}};
  const std::string read = "; " + mien::image::readable_formats() + " are read";
  const std::string unread = folders == 0 ? ""
                                          : std::to_string(folders) + (folders == 1 ? " folder" : " folders") +
                                                " in it not looked into";
  const std::string name_them = folders == 0 ? "" : "; " + unread + ": name what is to be read";
  if (names.empty() && others == 0) return {{folder, folder + ": no files in this folder" + name_them}};
  if (names.empty()) {
    return {{folder, folder + ": none of its files (" + std::to_string(others) + ") is named as an image" +
                         read + name_them}};
  }
  if (folders > 0) apps::print_error(folder + ": " + unread + "; name those that are to be read");
  if (others > 0) {
    apps::print_error(
        folder + ": " + std::to_string(others) +
        (others == 1 ? " file left out, not named as an image" : " files left out, not named as images") +
        read);
  }
  std::sort(names.begin(), names.end());
  std::vector<ImageInput> images;
  for (std::string& name : names) images.push_back({std::move(name), {}});
  return images;
}

std::vector<std::uint8_t> read_stdin(std::size_t max_bytes) {
  std::vector<std::uint8_t> bytes;
  std::uint8_t piece[65536];
  for (std::size_t got; (got = std::fread(piece, 1, sizeof piece, stdin)) > 0;) {
    if (bytes.size() + got > max_bytes)
      throw mien::DataError("-: more than " + std::to_string(max_bytes) + " bytes");
    bytes.insert(bytes.end(), piece, piece + got);
  }
  if (std::ferror(stdin) != 0) throw mien::DataError("-: cannot read stdin");
  return bytes;
}

}  // namespace

std::vector<ImageInput> list_images(const std::vector<std::string>& inputs) {
  std::vector<ImageInput> images;
  for (const std::string& input : inputs) {
    std::error_code error;
    if (input != kStdin && std::filesystem::is_directory(input, error)) {
      const std::vector<ImageInput> inside = images_in(input);
      images.insert(images.end(), inside.begin(), inside.end());
    } else {
      images.push_back({input, {}});
    }
  }
  return images;
}

std::vector<std::uint8_t> read_image_bytes(const std::string& path) {
  const std::size_t max_bytes = mien::image::DecodeLimits().max_file_bytes;
  if (path == kStdin) return read_stdin(max_bytes);
  const std::vector<std::byte> bytes = mien::read_regular_file_bytes(path, max_bytes);
  std::vector<std::uint8_t> result(bytes.size());
  if (!bytes.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

}  // namespace ferpredict
