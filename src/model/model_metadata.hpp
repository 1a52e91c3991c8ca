// What a model's file says in words, whatever container its tensors lie in.
#pragma once

#include <string>

#include "mien/model/model_file.hpp"

namespace mien::model {

inline constexpr const char* kModelFormatKey = "mien.format";
inline constexpr const char* kModelLabelsKey = "mien.labels";
inline constexpr const char* kNotePrefix = "note.";

/// Format, name, spec, labels, preparation, temperature, margin and notes.
Metadata to_metadata(const ModelFile& model);

/// The way back: a model without tensors. Throws DataError, `where` in front, for what is missing or makes no
/// sense.
ModelFile from_metadata(const Metadata& metadata, const std::string& where);

/// Why its network cannot be what the model says it is: one that tells labels apart, or finds faces; empty when
/// nothing is wrong.
std::string outputs_problem(const ModelFile& model);

/// What is wrong with a model's name and labels; empty when nothing is.
std::string naming_problem(const ModelFile& model);

}  // namespace mien::model
