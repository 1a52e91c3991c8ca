#include "models.hpp"

#include <filesystem>

#include "mien/core/error.hpp"

namespace ferpredict {
namespace {

std::string joined(const std::vector<std::string>& labels) {
  std::string text;
  for (const std::string& label : labels) text += (text.empty() ? "" : ", ") + label;
  return text;
}

}  // namespace

std::vector<Model> read_models(const std::vector<std::string>& paths) {
  std::vector<Model> models;
  for (const std::string& path : paths) {
    models.push_back({path, mien::model::read_model(std::filesystem::path(path))});
    const Model& first = models.front();
    const std::vector<std::string>& labels = models.back().file.labels;
    if (labels == first.file.labels) continue;
    throw mien::DataError(path + ": its labels are " + joined(labels) + ", those of " + first.path + " are " +
                          joined(first.file.labels) + "; an ensemble needs the same");
  }
  return models;
}

void check_takes_gray(const std::vector<Model>& models) {
  for (const Model& model : models) {
    if (model.file.spec.channels == 1) continue;
    throw mien::DataError(model.path + ": takes " + std::to_string(model.file.spec.channels) +
                          " channels, images are gray");
  }
}

std::vector<mien::model::ModelFile> files_of(const std::vector<Model>& models) {
  std::vector<mien::model::ModelFile> files;
  for (const Model& model : models) files.push_back(model.file);
  return files;
}

}  // namespace ferpredict
