#include "mien/model/named_model.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::model {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWeightsEnding = ".safetensors";

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
  return join(std::vector<std::string>(kModelsAlong.begin(), kModelsAlong.end()), " and ");
}

FoundModel model_along(const std::string& name, const std::vector<fs::path>& folders) {
  const auto file = find_along(name, folders);
  if (!file) {
    throw DataError(name + ": this model comes along, but is not there; it would be " +
                    places_along(name, folders));
  }
  if (!is_there(name)) return {*file, {}};
  return {*file, name + ": the model that comes along; what has this name here is ./" + name};
}

FoundModel find_in_run(const fs::path& folder) {
  const fs::path best = folder / "best.safetensors", last = folder / "last.safetensors";
  std::error_code error;
  if (fs::exists(best, error)) return {best.string(), {}};
  if (!error && fs::exists(last, error)) {
    return {last.string(), last.string() + ": the run's last weights, since its best.safetensors is not there"};
  }
  if (error) throw DataError(folder.string() + ": " + error.message());
  throw DataError(folder.string() +
                  ": neither best.safetensors nor last.safetensors in this folder; fertrain leaves them in "
                  "a run's");
}

std::string suggestion(const std::string& word) {
  const std::string run = "runs/" + word;
  if (is_folder(run)) return "; there is a folder " + run;
  return "; the models that come along are " + names_along();
}

}  // namespace

std::optional<std::string> find_along(const std::string& name, const std::vector<fs::path>& folders) {
  for (const fs::path& folder : folders) {
    const fs::path file = folder / (name + kWeightsEnding);
    if (is_there(file)) return file.string();
  }
  return std::nullopt;
}

std::vector<fs::path> with_named_folder(std::vector<fs::path> folders) {
  const char* named = std::getenv("MIEN_MODELS");
  if (named != nullptr && *named != '\0') folders.insert(folders.begin(), named);
  return folders;
}

std::string places_along(const std::string& name, const std::vector<fs::path>& folders) {
  std::vector<std::string> files;
  for (const fs::path& folder : folders) files.push_back((folder / (name + kWeightsEnding)).string());
  return join(files, " or ");
}

FoundModel find_model(const std::string& word, const std::vector<fs::path>& folders) {
  const bool finds_faces = word == kFaceModel || word == kPointModel;
  if (finds_faces || std::find(kModelsAlong.begin(), kModelsAlong.end(), word) != kModelsAlong.end()) {
    return model_along(word, folders);
  }
  if (is_folder(word)) return find_in_run(word);
  std::error_code error;
  const fs::file_status status = fs::status(word, error);
  if (status.type() != fs::file_type::not_found) return {word, {}};  // reading it tells what else is wrong
  throw DataError(word + ": " + std::make_error_code(std::errc::no_such_file_or_directory).message() +
                  suggestion(word));
}

}  // namespace mien::model
