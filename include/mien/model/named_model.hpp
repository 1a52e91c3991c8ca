// What may stand for a model's file: the name of a model that comes along, or a run's folder.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mien::model {

/// The models that come along; the first is the one taken when none is named.
inline constexpr std::array kModelsAlong = {"small", "large"};

/// The one that finds faces, which comes along as well.
inline constexpr const char* kFaceModel = "faces";
/// The one that looks at each face closely.
inline constexpr const char* kPointModel = "points";

/// The file that a word stands for.
struct FoundModel {
  std::string file;
  std::string note;  ///< what may surprise whoever gave the word; empty: nothing
};

/// What `word` stands for where this library looks for the models that come along: in the folder that the
/// environment variable MIEN_MODELS names, beside the library (share/mien/models of the prefix it is installed
/// in), where it was to be installed, and in the source tree it was built from. A program that links the static
/// library and runs elsewhere sets MIEN_MODELS. Throws as the one below.
FoundModel find_model(const std::string& word);

/// The same in folders of one's own. One of kModelsAlong, kFaceModel or kPointModel is that model, from the
/// first of the folders that has it, whatever else has the name; a folder is a run's, and means its
/// best.safetensors, or else its last.safetensors; everything else is the name of a file. Throws DataError,
/// saying what was looked for, for a file that is not there, a folder with neither, and a model that came along
/// and is gone.
FoundModel find_model(const std::string& word, const std::vector<std::filesystem::path>& folders);

/// The file of the model that comes along under this name, if one of the folders has it.
std::optional<std::string> find_along(const std::string& name,
                                      const std::vector<std::filesystem::path>& folders);

/// The folders with the one that the environment variable MIEN_MODELS names, where it is set, before them.
std::vector<std::filesystem::path> with_named_folder(std::vector<std::filesystem::path> folders);

/// Where it would be: "a/small.safetensors or b/small.safetensors".
std::string places_along(const std::string& name, const std::vector<std::filesystem::path>& folders);

}  // namespace mien::model
