// Everything a run needs to go on as if it had never stopped, in one safetensors file that ferpredict can
// read as a model too.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/data/pictures.hpp"
#include "mien/train/run.hpp"

namespace mien::train {

/// Which data the run was on: resuming on other data would not be resuming.
struct DataIdentity {
  std::string path;
  std::string sha256;  ///< of rows, labels and splits as read, not of the file
  bool drop_leaks = false;
  std::vector<std::string> classes = {};  ///< of data::ClassNumbers, with which they were read
  bool any = false;                       ///< whether open_pictures read them, and not open_dataset
  data::PictureForm form = {};            ///< of that, nothing left open
  std::string votes = {};                 ///< the file of data::apply_votes
};

/// The limits as JSON.
Json to_json(const RunLimits& limits);

/// What a checkpoint has to say of a data set, so that another one is noticed when the run is resumed.
DataIdentity identify(const data::Dataset& dataset);
/// The same of photos.
DataIdentity identify(const data::FacePhotos& photos);

/// What a checkpoint says before the data are read.
struct Checkpoint {
  TrainOptions options;
  RunState state;
  RunLimits limits;
  DataIdentity data;
};

/// Atomic; see write_model.
void write_checkpoint(const std::filesystem::path& path, Trainer& trainer, const RunState& state,
                      const RunLimits& limits, const DataIdentity& data);

/// Throws DataError when the file is no checkpoint.
Checkpoint read_checkpoint(const model::SafetensorsFile& file);

/// Puts weights, normalization, optimizer and schedule of the file into a trainer built from read_checkpoint's
/// options. Throws DataError when a tensor is missing or of another shape.
void restore(Trainer& trainer, const model::SafetensorsFile& file);

}  // namespace mien::train
