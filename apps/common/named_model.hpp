// Models as a command line names them, beside these programs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/model/named_model.hpp"

namespace apps {

using mien::model::find_model;
using mien::model::FoundModel;

/// Where the models that come along lie, the first folder first: below the folder this program is installed in,
/// and in the source tree it was built from; before them the one that MIEN_MODELS names, if it is set.
std::vector<std::filesystem::path> model_folders();

/// As find_model, `named` being what MIEN_MODEL holds: null and empty mean the first of model::kModelsAlong.
/// Throws mien::ArgumentError, saying what to do, when that is in none of the folders.
FoundModel find_default_model(const char* named, const std::vector<std::filesystem::path>& folders);

/// The file of find_model and find_default_model in model_folders(); its note goes to stderr.
std::string model_file(const std::string& word);
std::string default_model_file(const char* named);
/// The files of the two networks that find faces. Throw mien::DataError where they are gone.
std::string face_model_file();
std::string point_model_file();
/// Whether both are there.
bool has_face_models();

}  // namespace apps
