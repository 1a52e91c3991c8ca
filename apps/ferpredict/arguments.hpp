// ferpredict's command line.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "face_arguments.hpp"
#include "live_arguments.hpp"
#include "mien/core/encoded_tensor.hpp"
#include "mien/data/classes.hpp"
#include "mien/data/dataset.hpp"
#include "mien/image/degrade.hpp"
#include "mien/image/views.hpp"
#include "mien/model/safetensors.hpp"
#include "mien/reader/emoticons.hpp"
#include "mien/reader/expression_names.hpp"
#include "mien/reader/face_reader.hpp"

namespace CLI {
class App;
}

namespace ferpredict {

enum class Format { text, json, csv };

struct Arguments {
  std::vector<std::string> inputs;  ///< files, folders, "-"
  std::vector<std::string> models;  ///< what apps::model_file takes; several are an ensemble, none the default
  mien::image::Views tta = mien::image::Views::none;
  Format format = Format::text;
  int top = 3;
  int threads = 0;
  FaceOptions faces;
  LiveOptions live;  ///< frames of a camera or stream instead of images
  std::string draw;  ///< where to write the image with what was found, or the folder for several, or the stream
  std::string html;  ///< where to write the contact sheet
  bool draw_points = false;  ///< with the points of faces
  bool sandbox = false;      ///< pictures are decoded by other processes
  bool model_info = false;
  std::string convert;                          ///< where to write the model in another dtype, and nothing else
  mien::Encoding dtype = mien::Encoding::int8;  ///< of that
  std::string export_onnx;                      ///< where to write the network as ONNX, and nothing else
  bool onnx_plain = false;                      ///< images are prepared by the caller of that
  std::vector<std::string> import_onnx;         ///< an ONNX file and where to write its model, and nothing else
  std::vector<std::string> labels;              ///< of that
  float pixel_scale = 1;                        ///< of that
  std::string csv;                              ///< measure on rows of this file instead of reading images
  bool any = false;                             ///< they are pictures of the model's classes: --data
  std::string face_manifest;                    ///< measure on its photos how faces are found, instead
  std::string usage;                            ///< a split's name or kAllRows; empty: as the data say
  mien::data::ClassNumbers classes;             ///< what numbers mean there
  /// What its images go through, one after the other; with `calibrate` each is for a copy of the rows.
  std::vector<mien::image::Degradation> degradations;
  std::string report;           ///< where to write the report of that
  std::string calibrate;        ///< where to write the model with the temperature those rows ask for
  mien::model::Metadata notes;  ///< to put into what `convert`, `calibrate` or `import_onnx` writes
  std::string emoticons;
  std::optional<mien::reader::EmoticonStyle> style;
  std::optional<mien::reader::Language> language;
};

/// --usage for every row, whatever split it belongs to.
inline constexpr const char* kAllRows = "all";

/// Calls `look` with all options of the program.
void describe(const std::function<void(const CLI::App&)>& look);

/// The arguments, or the exit code of a program that has nothing more to do. Throws mien::ArgumentError.
std::variant<Arguments, int> parse(int argc, char** argv);

}  // namespace ferpredict
