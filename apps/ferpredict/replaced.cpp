#include "replaced.hpp"

#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/face/detector.hpp"
#include "mien/image/decode.hpp"

namespace ferpredict {
namespace {

// Results go to stdout, whatever is named behind the option that says in which form.
void refuse_names_of_output(const Arguments& a) {
  if (a.format == Format::text) return;
  const bool json = a.format == Format::json;
  for (const std::string& input : a.inputs) {
    const std::filesystem::path path = input;
    std::error_code ignored;
    if (path.extension() != (json ? ".json" : ".csv") || std::filesystem::exists(path, ignored)) continue;
    const std::string option = json ? "--json" : "--csv-out";
    throw mien::ArgumentError(input + ": no picture is there, and " + option +
                              " takes no file, it writes to stdout: " + option + " > " +
                              mien::shell_quoted(input));
  }
}

}  // namespace

Sources sources_of(const Arguments& a, const std::vector<Model>& models,
                   const std::vector<ImageInput>& inputs) {
  const FaceModels face_models = face_model_files(a.faces);
  std::vector<std::string> files = {a.faces.reader.cascade.string(), face_models.finder, face_models.closer,
                                    a.emoticons};
  if (const auto cascade = mien::face::find_default_cascade()) files.push_back(cascade->string());
  for (const Model& model : models) files.push_back(model.path);
  for (const ImageInput& input : inputs) files.push_back(input.path);
  Sources sources;
  for (const std::string& file : files) {
    const auto number = file == kStdin ? apps::file_number(STDIN_FILENO) : apps::file_number(file);
    if (number) sources.emplace(*number, file == kStdin ? "what stdin reads" : file);
  }
  return sources;
}

void refuse_to_replace(const Sources& sources, const std::string& option, const std::vector<std::string>& files,
                       const std::string& what) {
  Sources pictures;  // two of one number are one file, by a link that is there
  for (const std::string& file : files) {
    const auto number = apps::file_number(file);
    if (!number) continue;
    const auto source = sources.find(*number);
    const auto [picture, first] = pictures.emplace(*number, file);
    if (source == sources.end() && first) continue;
    const std::string& replaced = source != sources.end() ? source->second : picture->second;
    throw mien::ArgumentError(option + " would replace " + replaced + "; name another " + what);
  }
}

void require_folder_of(const std::string& option, const std::string& file) {
  const std::filesystem::path parent = std::filesystem::path(file).parent_path();
  const std::filesystem::path folder = parent.empty() ? "." : parent;
  std::error_code error;
  const auto type = std::filesystem::status(folder, error).type();
  if (type == std::filesystem::file_type::directory) return;
  const bool not_there = !error || type == std::filesystem::file_type::not_found;
  throw mien::DataError(
      option + " " + file + ": " +
      (not_there ? "no folder " + folder.string() : folder.string() + ": " + error.message()));
}

void refuse_mistaken_names(const Arguments& a) {
  refuse_names_of_output(a);
  const std::pair<const char*, std::string> written[] = {
      {"--convert", a.convert},
      {"--export-onnx", a.export_onnx},
      {"--calibrate", a.calibrate},
      {"--import-onnx", a.import_onnx.empty() ? std::string() : a.import_onnx.back()},
      {"--report", a.report}};
  for (const auto& [option, file] : written) {
    if (!mien::image::is_image_name(file)) continue;
    throw mien::ArgumentError(std::string(option) + " " + file +
                              ": the name of a picture, and no picture would be written to it");
  }
  for (const auto& [option, file] : {std::pair{"--html", a.html}, std::pair{"--report", a.report}}) {
    if (file == "-") throw mien::ArgumentError(std::string(option) + " -: name a file; stdout has the results");
  }
  if (a.live.given() && mien::image::is_image_name(a.draw)) {
    throw mien::ArgumentError(
        "--draw " + a.draw +
        ": frames are written as MJPEG, not as a picture; name a file like out.mjpeg, or -");
  }
}

}  // namespace ferpredict
