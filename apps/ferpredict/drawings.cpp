#include "drawings.hpp"

#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "common/exit_codes.hpp"
#include "drawing.hpp"
#include "mien/core/error.hpp"
#include "mien/face/detector.hpp"
#include "picture_names.hpp"

namespace ferpredict {
namespace {

namespace fs = std::filesystem;

using FileNumber = std::pair<dev_t, ino_t>;

// The same for all names of a file; none where there is no file.
std::optional<FileNumber> number_of(const std::string& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return FileNumber{status.st_dev, status.st_ino};
}

bool is_folder(const std::string& name) {
  std::error_code ignored;
  return name.ends_with('/') || fs::is_directory(name, ignored);
}

// What must not be replaced, by number.
std::map<FileNumber, std::string> sources_of(const Arguments& a, const std::vector<Model>& models,
                                             const std::vector<ImageInput>& inputs) {
  std::vector<std::string> files = {a.faces.cascade, a.emoticons};
  if (const auto cascade = mien::face::find_default_cascade()) files.push_back(cascade->string());
  for (const Model& model : models) files.push_back(model.path);
  for (const ImageInput& input : inputs) files.push_back(input.path);
  std::map<FileNumber, std::string> sources;
  for (const std::string& file : files) {
    if (const auto number = number_of(file)) sources.emplace(*number, file);
  }
  return sources;
}

void refuse_to_replace(const std::map<FileNumber, std::string>& sources, const std::string& draw,
                       const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    const auto number = number_of(file);
    const auto found = number ? sources.find(*number) : sources.end();
    if (found == sources.end()) continue;
    throw mien::ArgumentError("--draw " + draw + " would replace " + found->second + "; name another " +
                              (is_folder(draw) ? "folder" : "file"));
  }
}

std::vector<std::string> files_in(const std::string& folder, const std::vector<ImageInput>& inputs) {
  std::vector<std::string> names;
  for (const ImageInput& input : inputs) names.push_back(input.path);
  names = picture_names(names);
  for (std::string& name : names) name = (fs::path(folder) / name).string();
  return names;
}

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw mien::DataError(folder + ": " + error.message());
}

}  // namespace

Drawings::Drawings(const Arguments& a, const std::vector<Model>& models,
                   const std::vector<ImageInput>& inputs) {
  if (a.draw.empty()) return;
  const bool folder = is_folder(a.draw);
  if (!folder && inputs.size() != 1) {
    throw mien::ArgumentError("--draw takes one image, got " + std::to_string(inputs.size()) +
                              "; several go into a folder, --draw " + a.draw + "/");
  }
  files_ = folder ? files_in(a.draw, inputs) : std::vector<std::string>{a.draw};
  refuse_to_replace(sources_of(a, models, inputs), a.draw, files_);
  if (!folder && picture_format(a.draw) == PictureFormat::unknown) {
    throw mien::ArgumentError("--draw " + a.draw +
                              ": expected a name that ends in .png, .jpg or .jpeg, or a "
                              "folder's, which ends in /");
  }
  if (folder) make_folder(a.draw);
}

bool Drawings::write(std::size_t i, const DecodedImage& image, const Prediction& prediction,
                     const OutputContext& context) const {
  try {
    write_drawing(files_.at(i), image.bytes, prediction, context);
    return true;
  } catch (const mien::DataError& error) {
    apps::print_error(error.what());
  } catch (const std::bad_alloc&) {
    apps::print_error(files_.at(i) + ": out of memory");
  }
  return false;
}

}  // namespace ferpredict
