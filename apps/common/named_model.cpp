#include "common/named_model.hpp"

#include <system_error>
#include <utility>

#include "common/exit_codes.hpp"
#include "mien/core/error.hpp"

namespace apps {
namespace {

namespace fs = std::filesystem;

std::string noted(const FoundModel& found) {
  if (!found.note.empty()) print_error(found.note);
  return found.file;
}

}  // namespace

FoundModel find_default_model(const char* named, const std::vector<fs::path>& folders) {
  if (named != nullptr && *named != '\0') {
    try {
      return find_model(named, folders);
    } catch (const mien::DataError& error) {  // begins with the word, which nobody has typed just now
      throw mien::DataError(std::string("MIEN_MODEL=") + error.what());
    }
  }
  const std::string name = mien::model::kModelsAlong.front();
  if (const auto file = mien::model::find_along(name, folders)) return {*file, {}};
  throw mien::ArgumentError(
      "no model: name one with --model FILE (fertrain writes best.safetensors), or set MIEN_MODEL=FILE; none "
      "came with this program, it would be " +
      mien::model::places_along(name, folders));
}

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back((program.parent_path() / MIEN_MODELS_FROM_PROGRAM).lexically_normal());
  folders.push_back(MIEN_MODELS_IN_SOURCE_TREE);
  return mien::model::with_named_folder(std::move(folders));
}

std::string model_file(const std::string& word) {
  return noted(find_model(word, model_folders()));
}

std::string default_model_file(const char* named) {
  return noted(find_default_model(named, model_folders()));
}

std::string face_model_file() {
  return find_model(mien::model::kFaceModel, model_folders()).file;
}

std::string point_model_file() {
  return find_model(mien::model::kPointModel, model_folders()).file;
}

bool has_face_models() {
  return mien::model::find_along(mien::model::kFaceModel, model_folders()) &&
         mien::model::find_along(mien::model::kPointModel, model_folders());
}

}  // namespace apps
