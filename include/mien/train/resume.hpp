// A saved run that goes on:
//
//   const auto file = model::SafetensorsFile::open("runs/a/last.safetensors");
//   Checkpoint saved = resumed(read_checkpoint(file), {.limits = {.epochs = 20}}, "runs/a");
//   const auto dataset = data::open_dataset(saved.data.path, data::ClassNumbers::parse(saved.data.classes));
//   saved.data = same_data(saved.data, dataset);
//   Trainer trainer(saved.options, dataset, training_rows(dataset, resumed_rows(saved.data)), labels);
//   restore(trainer, file);
//   run(trainer, saved.state, dataset.indices(data::Split::public_test), saved.limits, observer);
#pragma once

#include <string>
#include <vector>

#include "mien/train/checkpoint.hpp"
#include "mien/train/rows.hpp"

namespace mien::train {

/// All that may be another than it was; the rest is fixed once a run has begun.
struct ResumeOptions {
  AskedLimits limits = {};
  std::vector<FileIdentity> teachers = {};  ///< where files of the run's teachers lie now
};

/// The checkpoint with what is asked for. A run that its patience has ended counts anew where its end is moved.
/// Throws ArgumentError for a file that is none of the run's teachers, and, naming `where`, for a run that was
/// to fit a time, was stopped before it had a plan, and is given neither a time nor another end.
Checkpoint resumed(Checkpoint saved, const ResumeOptions& asked, const std::string& where);

/// The saved identity with the path where the data lie now. Throws DataError where they are not the same.
DataIdentity same_data(const DataIdentity& saved, const data::Dataset& dataset);
/// The same of photos.
DataIdentity same_data(const DataIdentity& saved, const data::FacePhotos& photos);

/// The rows a run began with: what it was allowed stays allowed.
RowChoice resumed_rows(const DataIdentity& saved);

}  // namespace mien::train
