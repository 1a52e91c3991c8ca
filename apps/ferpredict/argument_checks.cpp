#include "argument_checks.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/given.hpp"
#include "mien/core/error.hpp"
#include "replaced.hpp"

namespace ferpredict {
namespace {

bool writes_model(const Arguments& a) {
  return !a.convert.empty() || !a.calibrate.empty() || !a.import_onnx.empty();
}

// Options about rows that are not there.
void check_measured(const CLI::App& app, const Arguments& a) {
  const bool rows = !a.csv.empty();
  const char* const kRows = "--csv or --data";
  const apps::Needs needs[] = {
      {"--classes", rows, kRows}, {"--degrade", rows, kRows}, {"--calibrate", rows, kRows}};
  apps::require_needed(app, needs);
}

// Options about what is not there.
void check_needs(const CLI::App& app, const Arguments& a) {
  const bool images = !a.inputs.empty(), live = a.live.given(), faces = images || live;
  const bool found = faces || !a.face_manifest.empty();
  const bool measured = !a.csv.empty() || !a.face_manifest.empty();
  const bool stores_margin = writes_model(a);
  const char* const kFaces = "images, --camera or --frames";
  const char* const kFound = "images, --camera, --frames or --faces";
  const apps::Needs needs[] = {
      {"--detector", found, kFound},
      {"--cascade", found, kFound},
      {"--min-face", found, kFound},
      {"--face-model", found, kFound},
      {"--point-model", found, kFound},
      {"--min-score", found || !a.convert.empty(), "images, --camera, --frames, --faces or --convert"},
      {"--scale-factor", found, kFound},
      {"--min-neighbors", found, kFound},
      {"--usage", measured, "--csv, --data or --faces"},
      {"--report", measured, "--csv, --data or --faces"},
      {"--lang", faces, kFaces},
      {"--emoticons", faces, kFaces},
      {"--emoticon-style", faces, kFaces},
      {"--top", faces, "images"},
      {"--csv-out", faces, "images"},
      {"--text", faces || measured, "images, --camera, --frames, --csv or --faces"},
      {"--json", faces || measured, "images, --camera, --frames, --csv or --faces"},
      {"--face-margin", faces || stores_margin,
       "images, --camera, --frames, --convert, --calibrate or --import-onnx"},
      {"--face-crop", faces || stores_margin,
       "images, --camera, --frames, --convert, --calibrate or --import-onnx"},
      {"--draw", faces, kFaces},
      {"--html", images, "images"},
      {"--draw-points", !a.draw.empty(), "--draw"},
      {"--sandbox", images || a.live.compressed(), "images, --camera or --frames of JPEGs"},
      {"--frame-size", live, "--camera or --frames"},
      {"--smooth", live, "--camera or --frames"},
      {"--hold", live, "--camera or --frames"}};
  apps::require_needed(app, needs);
  for (const char* option : {"--csv-out", "--top"}) {
    if (live && apps::given(app, option)) {
      throw mien::ArgumentError(std::string(option) + ": frames are a line of JSON each, or --text");
    }
  }
  for (const char* option : {"--text", "--json"}) {
    if (live && a.draw == "-" && apps::given(app, option)) {
      throw mien::ArgumentError(std::string(option) + ": --draw - has stdout; draw into a file to get both");
    }
  }
  if (apps::given(app, "--top") && a.format != Format::text) {
    throw mien::ArgumentError("--top: only text is cut off");
  }
  for (const char* option : {"--lang", "--emoticons", "--emoticon-style"}) {
    if (apps::given(app, option) && a.format == Format::csv) {
      throw mien::ArgumentError(std::string(option) + ": CSV holds labels, not names or emoticons");
    }
  }
  if (std::count(a.inputs.begin(), a.inputs.end(), "-") > 1) {
    throw mien::ArgumentError("stdin can be read once: one - among the images");
  }
}

// Options that would be passed over are refused.
void check_combinations(const Arguments& a) {
  const std::pair<const char*, bool> need_one_model[] = {{"--convert", !a.convert.empty()},
                                                         {"--export-onnx", !a.export_onnx.empty()},
                                                         {"--calibrate", !a.calibrate.empty()}};
  for (const auto& [option, given] : need_one_model) {
    if (given && a.models.size() > 1) {
      throw mien::ArgumentError(std::string(option) + " takes one --model, got " +
                                std::to_string(a.models.size()));
    }
  }
  refuse_mistaken_names(a);
  if (!a.notes.empty() && !writes_model(a)) {
    throw mien::ArgumentError("--note requires --convert, --calibrate or --import-onnx");
  }
  if (!a.import_onnx.empty() && !a.models.empty()) {
    throw mien::ArgumentError("--import-onnx takes no --model: the file is one");
  }
  if (!a.face_manifest.empty() && (!a.models.empty() || a.faces.reader.search == mien::reader::Search::none)) {
    throw mien::ArgumentError(a.models.empty()
                                  ? "--faces measures what finds faces: not with --detector none"
                                  : "--faces measures what finds faces, not what reads them: no --model");
  }
  if (a.tta == mien::image::Views::none) return;
  if (!a.calibrate.empty()) {
    throw mien::ArgumentError("--calibrate looks at each image once: no --tta with it");
  }
  if (a.inputs.empty() && a.csv.empty() && !a.live.given()) {
    throw mien::ArgumentError("--tta requires images, --camera, --frames or --csv");
  }
}

// What is asked for: one thing, since the others would be passed over.
void check_task(const Arguments& a) {
  std::vector<std::string> tasks;
  if (!a.inputs.empty()) tasks.push_back("images");
  if (a.live.given()) tasks.push_back(a.live.camera.empty() ? "--frames" : "--camera");
  if (a.model_info) tasks.push_back("--model-info");
  if (!a.convert.empty()) tasks.push_back("--convert");
  if (!a.export_onnx.empty()) tasks.push_back("--export-onnx");
  if (!a.import_onnx.empty()) tasks.push_back("--import-onnx");
  if (!a.csv.empty()) tasks.push_back(a.any ? "--data" : "--csv");
  if (!a.face_manifest.empty()) tasks.push_back("--faces");
  if (tasks.empty()) throw mien::ArgumentError("no images; see ferpredict --help");
  if (tasks.size() > 1) throw mien::ArgumentError("either " + tasks[0] + " or " + tasks[1] + ", not both");
}

}  // namespace

void check(const CLI::App& app, const Arguments& a) {
  check_measured(app, a);
  check_task(a);
  check_needs(app, a);
  check_combinations(a);
}

}  // namespace ferpredict
