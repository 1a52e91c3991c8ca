// The run that --resume names.
#pragma once

#include <memory>
#include <optional>

#include "arguments.hpp"
#include "mien/train/checkpoint.hpp"
#include "mien/train/run_folder.hpp"

namespace fertrain {

/// What --resume asks for has been put into the checkpoint.
struct SavedRun {
  mien::model::SafetensorsFile file;  ///< that the checkpoint is of
  mien::train::Checkpoint checkpoint;
};

/// The folder, locked before its checkpoint is read: who still trains into it may be about to write another.
/// Null without --resume, where there is no checkpoint, and where nothing is to be written.
std::unique_ptr<mien::train::RunFolder> lock_saved(const Arguments& a);

/// Nothing without --resume. Else the arguments become those that the run began with, but for what may change.
/// Throws as read_checkpoint and resumed do.
std::optional<SavedRun> take_over_saved(Arguments& a);

}  // namespace fertrain
