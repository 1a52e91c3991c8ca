#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/class_numbers.hpp"
#include "common/did_you_mean.hpp"
#include "common/exit_codes.hpp"
#include "common/given.hpp"
#include "common/missing_values.hpp"
#include "common/named_model.hpp"
#include "common/number_range.hpp"
#include "config_file.hpp"
#include "mien/core/error.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"
#include "mien/train/option_rows.hpp"
#include "option_arguments.hpp"
#include "presets.hpp"
#include "text.hpp"

namespace fertrain {
namespace {

using apps::given;
using mien::train::RunLimits;

constexpr const char* kFaces = "faces";  // a recipe, and a network; so is kPoints
constexpr const char* kPoints = "points";

// As CLI11 fills them.
struct Raw {
  std::vector<std::string> classes;
  std::vector<std::string> teachers;
  std::string model = "paper";
  std::string recipe = "paper";
  std::string preset;
  std::string time_limit = "0";
  std::string on_checkpoint_error = "stop";
  std::string csv, data;
  std::string size;
  int channels = 0;
  float dropout = 0.0f;
};

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.emplace_back(preset.name);
  return names;
}

// "small: --model small --recipe best --epochs 40, 67 % of FER2013 right after 37 minutes on one core; ...;
// few: --model small --recipe few --steps 1000, for few pictures of any classes"
std::string preset_help() {
  std::vector<std::string> lines;
  for (const Preset& p : presets()) {
    lines.push_back(
        std::string(p.name) + ": --model " + std::string(p.model) + " --recipe " + std::string(p.recipe) +
        (p.epochs > 0 ? " --epochs " + std::to_string(p.epochs) : " --steps " + std::to_string(p.steps)) +
        (p.right.empty() ? ", for few pictures of any classes"
                         : ", " + std::string(p.right) + " of FER2013 right after " + std::string(p.time)));
  }
  return mien::join(lines, "; ");
}

void add_options(CLI::App& app, Arguments& a, Raw& raw) {
  app.set_version_flag("--version", "fertrain " + mien::version());
  app.set_config("--config", "", "Read options from an INI or TOML file")->type_name("FILE");
  app.config_formatter(std::make_shared<ConfigFile>());
  app.allow_config_extras(CLI::config_extras_mode::error);  // a misspelt one is not to be passed over
  app.add_option("--csv", raw.csv,
                 "fer2013.csv, icml_face_data.csv (.gz too), or a folder of images of FER2013's classes")
      ->check(apps::not_empty())
      ->type_name("PATH");
  app.add_option(
         "--data", raw.data,
         "Pictures of any classes: a folder of class folders (in train, val and test, or alone), or a CSV file "
         "of file,label[,split] or of label,pixels")
      ->check(apps::not_empty())
      ->excludes("--csv")
      ->type_name("PATH");
  app.add_option(
         "--size", raw.size,
         "Pixels that pictures of --data are scaled to: N, or HEIGHTxWIDTH. Default: their own where all have "
         "the same, up to 64; else, and of expressions, 48")
      ->check(apps::not_empty())
      ->type_name("SIZE");
  app.add_option(
         "--channels", raw.channels,
         "1 makes pictures of --data gray, 3 keeps colors. Default: 3 where any has color, 1 of expressions")
      ->check(CLI::IsMember({1, 3}));
  app.add_option("--labels", a.votes,
                 "FER+: fer2013new.csv, votes for eight expressions to learn instead of fer2013.csv's labels")
      ->check(apps::not_empty())
      ->type_name("FILE");
  app.add_option("--faces", a.faces,
                 "Learn to find faces instead: a manifest of marked faces, its photos beside it (mien/data/"
                 "face_photos.hpp says what is in it)")
      ->check(apps::not_empty())
      ->excludes("--csv")
      ->excludes("--data")
      ->type_name("FILE.tsv");
  apps::add_class_numbers(app, raw.classes);
  auto* preset = app.add_option("--preset", raw.preset,
                                "Network, recipe and length at once. " + preset_help() + ". Default: paper")
                     ->check(CLI::IsMember(preset_names()));
  app.add_option(
         "--model", raw.model,
         "A network that comes with the program (" + mien::model::preset_names() + "), or a spec's file")
      ->excludes(preset)
      ->capture_default_str();
  app.add_option("--recipe", raw.recipe,
                 "paper: the paper's network made trainable; literal: the code as the paper prints it; "
                 "literal-stable: the same with a loss that stays finite; best: for accuracy; few: for few "
                 "pictures; faces, points: for --faces. Sets the options below that are not given")
      ->check(CLI::IsMember({"paper", "literal", "literal-stable", "best", "few", kFaces, kPoints}))
      ->excludes(preset)
      ->capture_default_str();
  const auto countable = CLI::Range(std::uint64_t{0}, RunLimits::kMostSteps).description("");
  app.add_option("--epochs", a.asked.epochs, "Passes over the Training rows; 0: as --steps says")
      ->check(countable)
      ->default_str(std::to_string(mien::train::kDefaultEpochs));
  app.add_option("--steps", a.asked.steps, "Optimizer steps in all; 0: as --epochs says")
      ->check(countable)
      ->default_str("0");
  add_train_options(app);
  app.add_option("--dropout", raw.dropout,
                 "Share of the inputs of every dense layer that is dropped; default: as the network says")
      ->check(apps::number_range(0.0, 0.99));
  app.add_option("--teacher", raw.teachers,
                 "A model to learn from, too (what ferpredict's --model takes); may be repeated, to learn from "
                 "the mean of all. With --resume: where the file lies now")
      ->check(apps::not_empty())
      ->type_name("MODEL")
      ->allow_extra_args(false);
  app.add_option("--threads", a.threads, "Worker threads; 0: one a processor. Never changes results")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--out", a.out, "Folder for the results; default: runs/MODEL-DATE-TIME")
      ->check(apps::not_empty())
      ->type_name("DIR");
  app.add_option("--resume", a.resume,
                 "Continue the run in this folder; with more --epochs or --steps also one that is complete")
      ->check(apps::not_empty())
      ->type_name("DIR");
  app.add_option("--start", a.start,
                 "Begin with the weights of this model: what ferpredict's --model takes, or the same network "
                 "as an .onnx file")
      ->check(apps::not_empty())
      ->type_name("MODEL");
  app.add_option("--compare", a.compare,
                 "Draw the curves of several runs into one picture, --out FILE.html or FILE.svg (default: "
                 "compare.html beside the first run), print their best values and stop")
      ->check(apps::not_empty())
      ->type_name("RUN");
  app.add_option(
         "--time-limit", raw.time_limit,
         "Stop, with a checkpoint, after e.g. 90s, 30m, 1h30m; 0: never. A cosine schedule without --epochs "
         "and --steps is made to end then")
      ->capture_default_str();
  app.add_option("--patience", a.asked.patience, "Stop after so many evaluations without gain; 0: never")
      ->check(countable)
      ->default_str("0");
  app.add_option("--eval-every", a.asked.eval_every, "Steps between evaluations; 0: once an epoch")
      ->check(countable)
      ->default_str("0");
  app.add_option(
         "--on-checkpoint-error", raw.on_checkpoint_error,
         "What a disk that fails does to the run: stop, or continue and write it with the next evaluation")
      ->check(CLI::IsMember({"stop", "continue"}))
      ->capture_default_str();
  app.add_flag("--drop-leaks", a.rows.drop_leaks, "Leave out Training rows that occur in a test split too");
  app.add_flag("--allow-absent-classes", a.rows.allow_absent_classes,
               "Train although a class has no Training rows");
  app.add_flag("--onnx", a.onnx, "At the end, write best.onnx beside best.safetensors");
  app.add_flag("--dry-run", a.dry_run, "Check data and network, say what would be done, write nothing");
  app.add_flag("--quiet", a.quiet, "No progress on stderr");
  apps::present(app, program_text());
}

// The names stand for their options, and the end for what was asked for without one.
void apply_preset(Arguments& a, Raw& raw, bool ends) {
  const Preset& preset = preset_named(raw.preset);
  raw.model = preset.model;
  raw.recipe = preset.recipe;
  if (ends) return;
  if (preset.epochs > 0) a.asked.epochs = preset.epochs;
  if (preset.steps > 0) a.asked.steps = preset.steps;
}

mien::model::ModelSpec spec_named(const std::string& model) {
  if (mien::model::is_preset(model)) return mien::model::preset(model);
  std::error_code ignored;  // whatever else is wrong with it, reading it will tell
  if (std::filesystem::status(model, ignored).type() == std::filesystem::file_type::not_found) {
    throw mien::DataError("--model " + model +
                          ": no file of that name, and no network: " + mien::model::preset_names());
  }
  return mien::model::ModelSpec::from_file(model);
}

void resolve(const CLI::App& app, Arguments& a, const Raw& raw) {
  const bool faces = !a.faces.empty();
  const std::string recipe = faces && !given(app, "--recipe") ? kFaces : raw.recipe;
  if (a.resume.empty() && faces != (recipe == kFaces || recipe == kPoints)) {
    throw mien::ArgumentError(faces ? "--faces goes with --recipe faces or points alone"
                                    : "--recipe " + recipe + " needs --faces");
  }
  const std::string model = faces && !given(app, "--model") ? recipe : raw.model;
  a.recipe = recipe;
  a.any = !raw.data.empty();
  a.data = a.any ? raw.data : raw.csv;
  a.classes =
      a.any ? mien::data::ClassNumbers::parse_any(raw.classes) : mien::data::ClassNumbers::parse(raw.classes);
  if (!raw.size.empty()) a.form = parse_size(raw.size);
  a.form.channels = raw.channels;
  a.preset = mien::model::is_preset(model);
  a.options = mien::train::recipe(a.recipe, spec_named(model));
  a.options.model_name = std::filesystem::path(model).stem().string();
  if (given(app, "--dropout")) a.options.spec = mien::model::with_dropout(a.options.spec, raw.dropout);
  apply_train_options(app, a.options);
  a.parts_given = given(app, "--parts");
  a.shard_given = given(app, "--shard-dense");
  for (const std::string& teacher : raw.teachers) {
    a.options.distillation.teachers.push_back(mien::train::identify_file(apps::model_file(teacher)));
  }
  a.goes_on = raw.on_checkpoint_error == "continue";
  const double seconds = parse_duration(raw.time_limit);
  if (given(app, "--time-limit")) a.asked.seconds = seconds;
  a.limits = mien::train::begun_limits(a.asked, a.options.schedule.kind);
}

// Nothing is trained: the other options would be passed over.
void check_compared(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    if (option->count() > 0 && name != "--compare" && name != "--out" && name != "--quiet") {
      throw mien::ArgumentError("--compare reads runs and takes --out alone, not " + name);
    }
  }
}

void check(const CLI::App& app, const Arguments& a) {
  if (a.resume.empty()) {
    if (a.data.empty() && a.faces.empty()) {
      throw mien::ArgumentError(
          "--csv is required: fer2013.csv, or a folder of images; or --data, pictures of other classes, or "
          "--faces");
    }
    check_used(app, a.options, a.start.empty());
    return;
  }
  std::vector<std::string> fixed = {"--preset",     "--model", "--start",   "--recipe", "--dropout",
                                    "--drop-leaks", "--out",   "--classes", "--size",   "--channels"};
  for (const mien::train::OptionRow& row : mien::train::option_rows()) fixed.push_back(row.flag);
  for (const std::string& flag : fixed) {
    if (given(app, flag)) throw mien::ArgumentError(flag + " is fixed by the run being resumed; leave it out");
  }
}

}  // namespace

double parse_duration(const std::string& text) {
  constexpr std::pair<char, double> kUnits[] = {{'h', 3600}, {'m', 60}, {'s', 1}};
  constexpr const char* kDigits = "0123456789";
  const bool number_alone = text.find_first_not_of(kDigits) == text.npos;
  const std::string with_units = number_alone ? text + "s" : text;
  std::string_view rest = with_units;
  double total = 0;
  for (const auto& [unit, seconds] : kUnits) {  // in falling order, each at most once
    const std::size_t digits = rest.find_first_not_of(kDigits);
    if (digits == 0 || digits == rest.npos || rest[digits] != unit) continue;
    total += mien::parse_double(rest.substr(0, digits)).value_or(HUGE_VAL) * seconds;
    rest.remove_prefix(digits + 1);
  }
  if (!rest.empty() || total > 1e9) {
    throw mien::ArgumentError("--time-limit: expected a time such as 90s, 30m or 1h30m, got `" + text + "`");
  }
  return total;
}

mien::data::PictureForm parse_size(const std::string& text) {
  const std::size_t cross = text.find('x');
  const auto edge = [&](const std::string& word) {
    const std::optional<mien::Index> value = mien::parse_index(word);
    if (value && *value >= 1 && *value <= mien::data::kLargestEdge) return *value;
    throw mien::ArgumentError("--size " + mien::quote(text) + ": expected N, or HEIGHTxWIDTH, from 1 to " +
                              std::to_string(mien::data::kLargestEdge));
  };
  const mien::Index height = edge(text.substr(0, cross));
  return {.height = height, .width = cross == text.npos ? height : edge(text.substr(cross + 1)), .channels = 0};
}

void describe(const std::function<void(const CLI::App&)>& look) {
  CLI::App app{"", "fertrain"};
  Arguments arguments;
  Raw raw;
  add_options(app, arguments, raw);
  look(app);
}

std::variant<Arguments, int> parse(int argc, char** argv) {
  CLI::App app{"", "fertrain"};
  Arguments arguments;
  Raw raw;
  add_options(app, arguments, raw);
  apps::refuse_missing_values(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::FileError& error) {
    (void)app.exit(error);
    return apps::kBadData;
  } catch (const CLI::ConfigError& error) {  // which does not know the file's name
    const std::vector<std::string> file = app.get_config_ptr()->results();
    const std::string what = error.what(), word = what.substr(what.rfind(' ') + 1);
    apps::print_error("--config " + (file.empty() ? std::string() : file.front()) + ": " + what +
                      apps::option_meant(app, word));
    return apps::kUsage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? apps::kOk : apps::kUsage;
  }
  if (!arguments.compare.empty()) {
    check_compared(app);
    return arguments;
  }
  if (!raw.preset.empty()) {
    apply_preset(arguments, raw, given(app, "--epochs") || given(app, "--steps") || given(app, "--time-limit"));
  }
  arguments.as_usual = !given(app, "--preset") && !given(app, "--model") && !given(app, "--recipe");
  resolve(app, arguments, raw);
  check(app, arguments);
  if (!arguments.start.empty()) arguments.start = apps::model_file(arguments.start);
  arguments.command.assign(argv, argv + argc);
  return arguments;
}

}  // namespace fertrain
