#include "common/named_model.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include "common/exit_codes.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace apps {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".safetensors";

// What cannot be looked at is not there.
bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// "small and large"
std::string names_along() {
  return mien::join(std::vector<std::string>(kModelsAlong.begin(), kModelsAlong.end()), " and ");
}

std::optional<std::string> along(const std::string& name, const std::vector<fs::path>& folders) {
  for (const fs::path& folder : folders) {
    const fs::path file = folder / (name + kEnding);
    if (is_there(file)) return file.string();
  }
  return std::nullopt;
}

std::string places(const std::string& name, const std::vector<fs::path>& folders) {
  std::vector<std::string> files;
  for (const fs::path& folder : folders) files.push_back((folder / (name + kEnding)).string());
  return mien::join(files, " or ");
}

std::string file_along(const std::string& name, const std::vector<fs::path>& folders) {
  const auto file = along(name, folders);
  if (file) return *file;
  throw mien::DataError(name + ": this model comes along, but is not there; it would be " +
                        places(name, folders));
}

FoundModel find_along(const std::string& name, const std::vector<fs::path>& folders) {
  const std::string file = file_along(name, folders);
  if (!is_there(name)) return {file, {}};
  return {file, name + ": the model that comes along; what has this name here is ./" + name};
}

FoundModel find_in_run(const fs::path& folder) {
  const fs::path best = folder / "best.safetensors", last = folder / "last.safetensors";
  std::error_code error;
  if (fs::exists(best, error)) return {best.string(), {}};
  if (!error && fs::exists(last, error)) {
    return {last.string(), last.string() + ": the run's last weights, since its best.safetensors is not there"};
  }
  if (error) throw mien::DataError(folder.string() + ": " + error.message());
  throw mien::DataError(
      folder.string() +
      ": neither best.safetensors nor last.safetensors in this folder; fertrain leaves them in "
      "a run's");
}

std::string noted(const FoundModel& found) {
  if (!found.note.empty()) print_error(found.note);
  return found.file;
}

std::string suggestion(const std::string& word) {
  const std::string run = "runs/" + word;
  if (is_folder(run)) return "; there is a folder " + run;
  return "; the models that come along are " + names_along();
}

}  // namespace

FoundModel find_model(const std::string& word, const std::vector<fs::path>& folders) {
  const bool finds_faces = word == kFaceModel || word == kPointModel;
  if (finds_faces || std::find(kModelsAlong.begin(), kModelsAlong.end(), word) != kModelsAlong.end()) {
    return find_along(word, folders);
  }
  if (is_folder(word)) return find_in_run(word);
  std::error_code error;
  const fs::file_status status = fs::status(word, error);
  if (status.type() != fs::file_type::not_found) return {word, {}};  // reading it tells what else is wrong
  throw mien::DataError(word + ": " + std::make_error_code(std::errc::no_such_file_or_directory).message() +
                        suggestion(word));
}

FoundModel find_default_model(const char* named, const std::vector<fs::path>& folders) {
  if (named != nullptr && *named != '\0') {
    try {
      return find_model(named, folders);
    } catch (const mien::DataError& error) {  // begins with the word, which nobody has typed just now
      throw mien::DataError(std::string("MIEN_MODEL=") + error.what());
    }
  }
  const std::string name = kModelsAlong.front();
  if (const auto file = along(name, folders)) return {*file, {}};
  throw mien::ArgumentError(
      "no model: name one with --model FILE (fertrain writes best.safetensors), or set MIEN_MODEL=FILE; none "
      "came with this program, it would be " +
      places(name, folders));
}

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back((program.parent_path() / MIEN_MODELS_FROM_PROGRAM).lexically_normal());
  folders.push_back(MIEN_MODELS_IN_SOURCE_TREE);
  return folders;
}

std::string model_file(const std::string& word) {
  return noted(find_model(word, model_folders()));
}

std::string default_model_file(const char* named) {
  return noted(find_default_model(named, model_folders()));
}

std::string face_model_file() {
  return file_along(kFaceModel, model_folders());
}

std::string point_model_file() {
  return file_along(kPointModel, model_folders());
}

bool has_face_models() {
  return along(kFaceModel, model_folders()) && along(kPointModel, model_folders());
}

}  // namespace apps
