#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <optional>

#include "argument_checks.hpp"
#include "common/class_numbers.hpp"
#include "common/exit_codes.hpp"
#include "common/missing_values.hpp"
#include "common/number_range.hpp"
#include "face_arguments.hpp"
#include "mien/core/error.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"
#include "mien/image/decode.hpp"
#include "mien/model/encoding.hpp"
#include "model_tasks.hpp"
#include "text.hpp"

namespace ferpredict {
namespace {

struct Raw {
  bool text = false;
  bool json = false;
  bool csv_out = false;
  std::string data;
  std::vector<std::string> classes;
  std::vector<std::string> degradations;
  std::string style;
  std::string dtype = "int8";
  std::string tta = "none";
  std::string language;
  RawFaceOptions faces;
  RawLiveOptions live;
  std::vector<std::string> notes;
  std::string pixel_scale = "1";
  double giga_operations = mien::model::ModelLimits().max_operations / 1e9;
};

void add_image_options(CLI::App& app, Arguments& a, Raw& raw) {
  app.set_version_flag("--version", "ferpredict " + mien::version());
  app.add_option("images", a.inputs,
                 mien::image::readable_formats() + " files, folders of them, or - for stdin")
      ->type_name("PATH");
  app.add_option(
         "--model", a.models,
         "Weights written by fertrain (best.safetensors), the folder of a run, or a model that comes along: "
         "small or large (a file of that name is ./small); given several times, the mean of all of them. "
         "Default: what MIEN_MODEL names, else small")
      ->check(apps::not_empty())
      ->type_name("MODEL")
      ->allow_extra_args(false);  // a file behind it is an image
  app.add_option("--max-operations", raw.giga_operations,
                 "Billions of operations that a model may take for an image; one that takes more is refused")
      ->check(CLI::Range(0.0, 1e9))
      ->type_name("G")
      ->capture_default_str();
  auto* text = app.add_flag("--text", raw.text, "For people (the default)");
  auto* json = app.add_flag("--json", raw.json, "One JSON document, schema 1");
  auto* csv = app.add_flag("--csv-out", raw.csv_out, "One CSV line a face");
  text->excludes(json)->excludes(csv);
  json->excludes(csv);
  app.add_option("--top", a.top, "Text: expressions shown for a face")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--threads", a.threads, "Worker threads; 0: one a processor. Never changes results")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option(
         "--tta", raw.tta,
         "Average over views of each face: none, mirror (and its mirror image), scales (those of 5 % less and "
         "more of the photo, too: 6 times the work) or full (those of five crops, too: 12 times)")
      ->check(CLI::IsMember({"none", "mirror", "scales", "full"}))
      ->capture_default_str();
  app.add_option("--emoticons", a.emoticons, "A table that replaces built-in emoticons")
      ->check(apps::not_empty())
      ->type_name("FILE");
  app.add_option("--emoticon-style", raw.style,
                 "emoji, ascii or kaomoji; default: emoji in a UTF-8 locale, else ascii")
      ->check(CLI::IsMember({"emoji", "ascii", "kaomoji"}));
  app.add_option("--lang", raw.language, "Names of expressions, in text and JSON: en, ko or zh. Default: en")
      ->check(CLI::IsMember({"en", "ko", "zh"}));
  app.add_option("--draw", a.draw,
                 "Write the image with face, expression and emoji drawn into it: a PNG or, by its ending, a "
                 "JPEG; several images into a folder, whose name ends in /, under their own names; frames of a "
                 "camera or stream as MJPEG, with - to stdout")
      ->check(apps::not_empty())
      ->type_name("PATH");
  app.add_option("--html", a.html,
                 "Write a contact sheet as well: a page with every face, by expression (or picture, by class), "
                 "the surest first")
      ->check(apps::not_empty())
      ->type_name("FILE.html");
  app.add_flag("--draw-points", a.draw_points, "Mark the eyes, nose and corners of the mouth there, too");
  app.add_flag("--sandbox", a.sandbox,
               "Decode images and JPEG frames in a process without files and network (Linux's seccomp): what "
               "crashes it, or takes it over 60 s, is an image that cannot be read");
}

void add_import_options(CLI::App& app, Arguments& a, Raw& raw) {
  auto* source =
      app.add_option("--import-onnx", a.import_onnx, "Write the network of an ONNX file as a model and stop")
          ->check(apps::not_empty())
          ->type_name("FILE OUT")
          ->expected(2);
  app.add_option("--labels", a.labels,
                 "Names of its classes, in order; default: the file's, or else class0, class1, ...")
      ->needs(source)
      ->delimiter(',')
      ->type_name("LIST")
      ->allow_extra_args(false);
  app.add_option("--pixel-scale", raw.pixel_scale,
                 "What pixels 0 to 255 are multiplied by for it, a number or a fraction: 1/255 where it has "
                 "learned from 0 to 1. Default: 1")
      ->needs(source)
      ->check(apps::not_empty())
      ->type_name("X");
}

// What is done to models instead of reading images.
void add_model_options(CLI::App& app, Arguments& a, Raw& raw) {
  app.add_flag("--model-info", a.model_info, "Describe the model and stop");
  auto* convert = app.add_option("--convert", a.convert,
                                 "Write the model, as safetensors, with the weights of --dtype and stop")
                      ->check(apps::not_empty())
                      ->type_name("FILE");
  app.add_option("--dtype", raw.dtype, "What --convert writes: f32, bf16 or int8")
      ->needs(convert)
      ->check(CLI::IsMember({"f32", "bf16", "int8"}))
      ->capture_default_str();
  auto* onnx = app.add_option("--export-onnx", a.export_onnx, "Write the model as an ONNX file and stop")
                   ->check(apps::not_empty())
                   ->type_name("FILE");
  app.add_flag("--onnx-plain", a.onnx_plain,
               "Leave out of it what is done to each image by itself (centering, norm 100), for readers that "
               "cannot do that; prints what they have to be given")
      ->needs(onnx);
  add_import_options(app, a, raw);
  auto* measure = app.add_option("--csv", a.csv,
                                 "Instead of reading images, measure on a FER2013 file or a folder of images")
                      ->check(apps::not_empty())
                      ->type_name("PATH");
  app.add_option("--data", raw.data,
                 "The same on pictures of the model's classes, in the layouts that fertrain --data takes")
      ->check(apps::not_empty())
      ->excludes(measure)
      ->type_name("PATH");
  app.add_option("--faces", a.face_manifest,
                 "Measure how faces are found, on a manifest of marked faces and the photos beside "
                 "it, instead (as fertrain --faces takes it)")
      ->check(apps::not_empty())
      ->type_name("FILE.tsv");
  app.add_option("--usage", a.usage,
                 "Which rows of --csv or --data, or photos of --faces; default: PublicTest, or all where the "
                 "data do not say what rows are for, and of --faces all")
      ->check(
          CLI::IsMember({"Training", "PublicTest", "PrivateTest", "train", "validation", "test", kAllRows}));
  apps::add_class_numbers(app, raw.classes);
  app.add_option(
         "--degrade", raw.degradations,
         "Degrade the images of --csv or --data first: " + mien::image::degradation_kinds() +
             "; may be repeated, one after the other. With --calibrate: fit rows as they are and a copy "
             "of them for each")
      ->check(apps::not_empty())
      ->type_name("KIND=AMOUNT")
      ->allow_extra_args(false);
  auto* report = app.add_option("--report", a.report, "Write the measures on --csv, --data or --faces as JSON")
                     ->check(apps::not_empty())
                     ->type_name("FILE");
  app.add_option(
         "--calibrate", a.calibrate,
         "Write the model with the temperature that makes its probabilities fit --csv or --data best, and stop")
      ->excludes(report)
      ->excludes("--json")
      ->excludes("--csv-out")
      ->check(apps::not_empty())
      ->type_name("FILE");
  app.add_option("--note", raw.notes,
                 "Put a note into what --convert, --calibrate or --import-onnx writes; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_options(CLI::App& app, Arguments& a, Raw& raw) {
  add_image_options(app, a, raw);
  add_model_options(app, a, raw);
  add_face_options(app, raw.faces);
  add_live_options(app, raw.live);
  apps::present(app, program_text());
}

mien::model::Metadata notes_of(const std::vector<std::string>& given) {
  mien::model::Metadata notes;
  for (const std::string& note : given) {
    const std::size_t equals = note.find('=');
    const std::string key = note.substr(0, equals);
    if (equals == std::string::npos || key.empty() || !mien::is_utf8(note)) {
      throw mien::ArgumentError("--note " + mien::quote(note) + ": expected KEY=VALUE in UTF-8");
    }
    if (key == kCheckpointNote) {
      throw mien::ArgumentError("--note " + key + ": only training writes this one");
    }
    notes[key] = note.substr(equals + 1);
  }
  return notes;
}

std::vector<mien::image::Degradation> degradations_of(const std::vector<std::string>& given) {
  std::vector<mien::image::Degradation> degradations;
  for (const std::string& text : given) {
    try {
      degradations.push_back(mien::image::parse_degradation(text));
    } catch (const mien::ArgumentError& error) {
      throw mien::ArgumentError(std::string("--degrade: ") + error.what());
    }
  }
  return degradations;
}

// "1/255" or "0.5".
float pixel_scale_of(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto number = [&](const std::string& part) {
    const std::optional<double> value = mien::parse_double(part);
    if (value && *value > 0) return *value;
    throw mien::ArgumentError("--pixel-scale " + mien::quote(text) +
                              ": expected a number above 0, or one / another");
  };
  if (slash == std::string::npos) return static_cast<float>(number(text));
  return static_cast<float>(number(text.substr(0, slash)) / number(text.substr(slash + 1)));
}

}  // namespace

void describe(const std::function<void(const CLI::App&)>& look) {
  CLI::App app{"", "ferpredict"};
  Arguments arguments;
  Raw raw;
  add_options(app, arguments, raw);
  look(app);
}

std::variant<Arguments, int> parse(int argc, char** argv) {
  CLI::App app{"", "ferpredict"};
  Arguments arguments;
  Raw raw;
  add_options(app, arguments, raw);
  apps::refuse_missing_values(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? apps::kOk : apps::kUsage;
  }
  if (raw.json) arguments.format = Format::json;
  if (raw.csv_out) arguments.format = Format::csv;
  arguments.any = !raw.data.empty();
  if (arguments.any) arguments.csv = raw.data;
  arguments.classes = arguments.any ? mien::data::ClassNumbers::parse_any(raw.classes)
                                    : mien::data::ClassNumbers::parse(raw.classes);
  arguments.dtype = mien::model::parse_encoding(raw.dtype);
  if (!raw.style.empty()) arguments.style = mien::reader::parse_emoticon_style(raw.style);
  arguments.tta = mien::image::parse_views(raw.tta);
  if (!raw.language.empty()) arguments.language = mien::reader::parse_language(raw.language);
  arguments.notes = notes_of(raw.notes);
  arguments.degradations = degradations_of(raw.degradations);
  arguments.pixel_scale = pixel_scale_of(raw.pixel_scale);
  arguments.live = live_options(raw.live);
  arguments.live.text = raw.text;
  const bool looks = !arguments.inputs.empty() || arguments.live.given() || !arguments.face_manifest.empty();
  arguments.faces = face_options(app, raw.faces, looks);
  arguments.faces.reader.limits.max_operations = raw.giga_operations * 1e9;
  check(app, arguments);
  return arguments;
}

}  // namespace ferpredict
