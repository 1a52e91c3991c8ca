// What may stand for a model's file on a command line: the name of a model that comes along, or a run's folder.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace apps {

/// The models that come along; the first is the one ferpredict takes when none is named.
inline constexpr std::array kModelsAlong = {"small", "large"};

/// The one that finds faces, which comes along as well.
inline constexpr const char* kFaceModel = "faces";
/// The one that looks at each face closely.
inline constexpr const char* kPointModel = "points";

struct FoundModel {
  std::string file;
  std::string note;  ///< what may surprise whoever gave the word; empty: nothing
};

/// Where the models that come along lie, the first folder first: below the folder this program is installed in,
/// and in the source tree it was built from.
std::vector<std::filesystem::path> model_folders();

/// What `word` stands for. One of kModelsAlong, kFaceModel or kPointModel is that model, whatever else has the
/// name; a folder is a run's, and means its best.safetensors, or else its last.safetensors; everything else is
/// the name of a file. Throws mien::DataError, saying what was looked for, for a file that is not there, a
/// folder with neither, and a model that came along and is gone.
FoundModel find_model(const std::string& word, const std::vector<std::filesystem::path>& folders);

/// The same, `named` being what MIEN_MODEL holds: null and empty mean the first of kModelsAlong. Throws
/// mien::ArgumentError, saying what to do, when that is in none of the folders.
FoundModel find_default_model(const char* named, const std::vector<std::filesystem::path>& folders);

/// The file of find_model and find_default_model in model_folders(); its note goes to stderr.
std::string model_file(const std::string& word);
std::string default_model_file(const char* named);
/// The files of kFaceModel and kPointModel. Throw mien::DataError where they are gone.
std::string face_model_file();
std::string point_model_file();
/// Whether both are there.
bool has_face_models();

}  // namespace apps
