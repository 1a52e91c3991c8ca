// The models of a command line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mien/model/model_file.hpp"

namespace ferpredict {

struct Model {
  std::string path;
  std::shared_ptr<const mien::model::SafetensorsFile> source;
  mien::model::ModelFile file;
};

/// Of the file that was opened, whatever has taken its name since.
std::string sha256_hex(const Model& model);

/// Throws mien::DataError for a file that is no model, and for two whose labels differ.
std::vector<Model> read_models(const std::vector<std::string>& paths,
                               const mien::model::ModelLimits& limits = {});

/// Throws mien::DataError when a model takes colors, or finds faces instead of reading them.
void check_reads_faces(const std::vector<Model>& models);

/// The files alone, in order; weights are shared.
std::vector<mien::model::ModelFile> files_of(const std::vector<Model>& models);

}  // namespace ferpredict
