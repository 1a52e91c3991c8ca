#include "models.hpp"

#include "mien/core/error.hpp"
#include "mien/core/sha256.hpp"
#include "mien/core/text.hpp"

namespace ferpredict {

std::string sha256_hex(const Model& model) {
  mien::Sha256 hash;
  hash.update(model.source->bytes());
  return mien::to_hex(hash.finish());
}

std::vector<Model> read_models(const std::vector<std::string>& paths, const mien::model::ModelLimits& limits) {
  std::vector<Model> models;
  for (const std::string& path : paths) {
    auto source =
        std::make_shared<const mien::model::SafetensorsFile>(mien::model::SafetensorsFile::open(path));
    models.push_back({path, source, mien::model::read_model(*source, limits)});
    const Model& first = models.front();
    const std::vector<std::string>& labels = models.back().file.labels;
    if (labels == first.file.labels) continue;
    throw mien::DataError(path + ": its labels are " + mien::join(labels, ", ") + ", those of " + first.path +
                          " are " + mien::join(first.file.labels, ", ") + "; an ensemble needs the same");
  }
  return models;
}

void check_reads_faces(const std::vector<Model>& models) {
  for (const Model& model : models) {
    if (model.file.face_grid) {
      throw mien::DataError(model.path +
                            ": a network that finds faces, and reads no expressions; --face-model takes it");
    }
    const mien::Index channels = model.file.spec.channels;
    if (channels != 1 && channels != 3) {
      throw mien::DataError(model.path + ": takes " + std::to_string(channels) +
                            " channels, images have 1 or 3");
    }
    if (channels == models.front().file.spec.channels) continue;
    throw mien::DataError(models.front().path + " and " + model.path +
                          ": one takes colors, the other one gray images; an ensemble needs the same");
  }
}

std::vector<mien::model::ModelFile> files_of(const std::vector<Model>& models) {
  std::vector<mien::model::ModelFile> files;
  for (const Model& model : models) files.push_back(model.file);
  return files;
}

}  // namespace ferpredict
