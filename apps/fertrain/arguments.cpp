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
#include "common/empty_values.hpp"
#include "common/exit_codes.hpp"
#include "common/failure_message.hpp"
#include "common/given.hpp"
#include "common/named_model.hpp"
#include "common/number_range.hpp"
#include "config_file.hpp"
#include "mien/core/error.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"
#include "objective_arguments.hpp"

namespace fertrain {
namespace {

using apps::given;
using mien::train::RunLimits;

constexpr const char* kFooter =
    "Exit codes: 0 done, 2 wrong usage, 3 a file that cannot be read, understood or written, 4 the loss,\n"
    "a gradient, a weight, a running statistic or an output stopped being finite, or a gradient's norm went\n"
    "beyond 1e18, 130 interrupted (a checkpoint is written; --resume continues).\n";

// Options as CLI11 fills them; numbers get their range checks there, meanings are checked by the library.
struct Raw {
  std::vector<std::string> classes;
  std::string model = "paper";
  std::string recipe = "paper";
  std::string init;
  std::string per_image;
  std::string per_pixel;
  std::string optimizer = "adam";
  std::string schedule = "constant";
  std::string precision = "f32";
  std::string moments = "f32";
  std::string time_limit = "0";
  float learning_rate = 1e-4f;
  float momentum = 0.9f;
  float weight_decay = 0.0f;
  float label_smoothing = 0.0f;
  float dropout = 0.0f;
  float average = 0.0f;
  float factor = 0.1f;
  std::uint64_t warmup = 0;
  std::uint64_t drop_every = 0;
  std::uint64_t plateau_patience = 5;
};

std::string flag_of(const mien::image::AugmentationLimit& limit) {
  return "--" + std::string(limit.name);
}

void add_augmentation(CLI::App& app, mien::image::Augmentation& augmentation) {
  for (const mien::image::AugmentationLimit& limit : mien::image::kAugmentationLimits) {
    app.add_option(flag_of(limit), augmentation.*limit.member, "Augment: " + std::string(limit.meaning))
        ->check(apps::number_range(0.0, double{limit.most}));
  }
}

void add_options(CLI::App& app, Arguments& a, Raw& raw) {
  app.set_version_flag("--version", "fertrain " + mien::version());
  app.set_config("--config", "", "Read options from an INI or TOML file");
  app.config_formatter(std::make_shared<ConfigFile>());
  app.allow_config_extras(CLI::config_extras_mode::error);  // a misspelt one is not to be passed over
  app.add_option("--csv,--data", a.data, "fer2013.csv, icml_face_data.csv (.gz too), or a folder of images")
      ->check(apps::not_empty())
      ->type_name("PATH");
  apps::add_class_numbers(app, raw.classes);
  app.add_option(
         "--model", raw.model,
         "A network that comes with the program (" + mien::model::preset_names() + "), or a spec's file")
      ->capture_default_str();
  app.add_option(
         "--recipe", raw.recipe,
         "paper: the paper's network made trainable; literal: its printed code; literal-stable: less its "
         "NaN; best: for accuracy. Sets the options below that are not given")
      ->check(CLI::IsMember({"paper", "literal", "literal-stable", "best"}))
      ->capture_default_str();
  const auto countable = CLI::Range(std::uint64_t{0}, RunLimits::kMostSteps).description("");
  app.add_option("--epochs", a.asked.epochs, "Passes over the Training rows; 0: as --steps says")
      ->check(countable)
      ->default_str(std::to_string(mien::train::kDefaultEpochs));
  app.add_option("--steps", a.asked.steps, "Optimizer steps in all; 0: as --epochs says")
      ->check(countable)
      ->default_str("0");
  app.add_option("--batch", a.options.batch, "Images a step; default: the recipe's (paper 50, best 64)")
      ->check(CLI::Range(1, 65536));
  app.add_option("--lr", raw.learning_rate, "Learning rate; default: the recipe's (paper 1e-4)")
      ->check(apps::not_negative());
  app.add_option(
         "--init", raw.init,
         "How weights start (paper: as in the printed code, --recipe literal); default: as the recipe says")
      ->check(CLI::IsMember({"he", "xavier", "paper"}));
  app.add_option(
         "--per-image", raw.per_image,
         "How each image is prepared: as it is, less its mean, or that scaled to a norm of 100; stored with "
         "the model; default: the recipe's (paper norm100)")
      ->check(CLI::IsMember({"none", "center", "norm100"}));
  app.add_option(
         "--per-pixel", raw.per_pixel,
         "Whether each pixel is then standardized over the Training rows; default: the recipe's (paper on)")
      ->check(CLI::IsMember({"on", "off"}));
  app.add_option("--optimizer", raw.optimizer, "How weights are updated; default: the recipe's (paper adam)")
      ->check(CLI::IsMember({"adam", "adamw", "sgd"}));
  app.add_option("--momentum", raw.momentum, "sgd: Nesterov momentum")
      ->check(apps::number_range(0.0, 0.999))
      ->capture_default_str();
  app.add_option("--weight-decay", raw.weight_decay,
                 "Of weight matrices and filters; default: the recipe's (paper 0)")
      ->check(apps::not_negative());
  app.add_option("--label-smoothing", raw.label_smoothing,
                 "Share of the target spread over all classes; default: the recipe's (paper 0)")
      ->check(apps::number_range(0.0, 0.9));
  app.add_option("--dropout", raw.dropout,
                 "Share of the inputs of every dense layer that is dropped; default: as the network says, or "
                 "the recipe")
      ->check(apps::number_range(0.0, 0.99));
  app.add_option("--schedule", raw.schedule,
                 "How the learning rate changes; default: the recipe's (paper constant)")
      ->check(CLI::IsMember({"constant", "step", "cosine", "plateau"}));
  app.add_option(
         "--warmup", raw.warmup,
         "Steps over which the rate rises to --lr; default: the recipe's (paper 0; best 400, but a tenth of "
         "the run at most)")
      ->check(countable);
  app.add_option("--drop-every", raw.drop_every, "step: steps between drops; 0: a third of the run as begun")
      ->check(countable)
      ->capture_default_str();
  app.add_option("--drop-factor", raw.factor, "step, plateau: what a drop multiplies the rate by")
      ->check(apps::number_range(0.0001, 0.9999))
      ->capture_default_str();
  app.add_option("--plateau-patience", raw.plateau_patience, "plateau: evaluations without gain before a drop")
      ->check(countable)
      ->capture_default_str();
  app.add_option("--precision", raw.precision, "Of the products of dense layers; bf16 needs less time")
      ->check(CLI::IsMember({"f32", "bf16"}))
      ->capture_default_str();
  app.add_option("--moments", raw.moments,
                 "adam, adamw: how the moments of dense layers are kept; bf16 takes half")
      ->check(CLI::IsMember({"f32", "bf16"}))
      ->capture_default_str();
  add_augmentation(app, a.options.augmentation);
  app.add_option("--average", raw.average,
                 "Decay of the weights' moving average, which is what is kept; 0: none; default: the recipe's "
                 "(paper 0)")
      ->check(apps::number_range(0.0, 0.99999));
  app.add_option("--seed", a.options.seed, "Decides initialization, order and dropout")->capture_default_str();
  app.add_option("--threads", a.threads, "Worker threads; 0: one a processor. Never changes results")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--out", a.out, "Folder for the results; default: runs/MODEL-DATE-TIME")
      ->check(apps::not_empty())
      ->type_name("DIR");
  app.add_option("--resume", a.resume, "Continue the run in this folder")
      ->check(apps::not_empty())
      ->type_name("DIR");
  app.add_option("--start", a.start, "Begin with the weights of this model (what ferpredict's --model takes)")
      ->check(apps::not_empty())
      ->type_name("MODEL");
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
  app.add_flag("--drop-leaks", a.rows.drop_leaks, "Leave out Training rows that occur in a test split too");
  app.add_flag("--allow-absent-classes", a.rows.allow_absent_classes,
               "Train although a class has no Training rows");
  app.add_flag("--onnx", a.onnx, "At the end, write best.onnx beside best.safetensors");
  app.add_flag("--dry-run", a.dry_run, "Check data and network, say what would be done, write nothing");
  app.add_flag("--quiet", a.quiet, "No progress on stderr");
  app.footer(kFooter);
}

// Fixed once a run has begun: a resumed run takes them from its checkpoint.
constexpr const char* kFixedOptions[] = {
    "--model",     "--init",      "--start",      "--recipe",       "--batch",
    "--lr",        "--optimizer", "--momentum",   "--weight-decay", "--label-smoothing",
    "--schedule",  "--warmup",    "--drop-every", "--drop-factor",  "--plateau-patience",
    "--precision", "--moments",   "--average",    "--seed",         "--drop-leaks",
    "--out",       "--per-image", "--per-pixel",  "--dropout",      "--classes"};

mien::model::ModelSpec spec_named(const std::string& model) {
  if (mien::model::is_preset(model)) return mien::model::preset(model);
  std::error_code ignored;  // whatever else is wrong with it, reading it will tell
  if (std::filesystem::status(model, ignored).type() == std::filesystem::file_type::not_found) {
    throw mien::DataError("--model " + model +
                          ": no file of that name, and no network: " + mien::model::preset_names());
  }
  return mien::model::ModelSpec::from_file(model);
}

// What the command line says goes before what the recipe says.
void resolve_options(const CLI::App& app, mien::train::TrainOptions& options, const Raw& raw) {
  const mien::train::TrainOptions asked = options;
  options = mien::train::recipe(raw.recipe, spec_named(raw.model));
  options.model_name = std::filesystem::path(raw.model).stem().string();
  options.seed = asked.seed;
  if (given(app, "--batch")) options.batch = asked.batch;
  if (given(app, "--init")) options.initialization = mien::train::initialization_scheme(raw.init);
  if (given(app, "--per-image")) options.per_image = mien::train::per_image(raw.per_image);
  if (given(app, "--per-pixel")) options.per_pixel = raw.per_pixel == "on";
  if (given(app, "--optimizer")) options.optimizer = mien::train::optimizer_kind(raw.optimizer);
  options.momentum = raw.momentum;
  options.nesterov = raw.momentum > 0;
  if (given(app, "--weight-decay")) options.weight_decay = raw.weight_decay;
  if (given(app, "--label-smoothing")) options.loss.label_smoothing = raw.label_smoothing;
  if (given(app, "--dropout")) options.spec = mien::model::with_dropout(options.spec, raw.dropout);
  if (given(app, "--average")) options.average = raw.average;
  options.precision = mien::train::precision(raw.precision);
  options.moments = mien::train::precision(raw.moments);
  for (const mien::image::AugmentationLimit& limit : mien::image::kAugmentationLimits) {
    if (given(app, flag_of(limit))) options.augmentation.*limit.member = asked.augmentation.*limit.member;
  }
}

void resolve_schedule(const CLI::App& app, mien::optim::ScheduleOptions& schedule, const Raw& raw) {
  if (given(app, "--schedule")) schedule.kind = mien::train::schedule_kind(raw.schedule);
  if (given(app, "--lr")) schedule.base = raw.learning_rate;
  if (given(app, "--warmup")) {
    schedule.warmup_steps = raw.warmup;
    schedule.warmup_shrinks = false;
  }
  schedule.steps_per_drop = raw.drop_every;
  schedule.factor = raw.factor;
  schedule.patience = raw.plateau_patience;
}

void resolve(const CLI::App& app, Arguments& a, const Raw& raw) {
  a.recipe = raw.recipe;
  a.classes = mien::data::ClassNumbers::parse(raw.classes);
  resolve_options(app, a.options, raw);
  resolve_schedule(app, a.options.schedule, raw);
  const double seconds = parse_duration(raw.time_limit);
  if (given(app, "--time-limit")) a.asked.seconds = seconds;
  a.limits = mien::train::begun_limits(a.asked, a.options.schedule.kind);
}

// Options that would be passed over are refused.
void check_used(const CLI::App& app, const Arguments& a) {
  using mien::optim::ScheduleKind;
  using mien::train::OptimizerKind;
  const mien::train::TrainOptions& options = a.options;
  const bool dense = mien::model::has_layer<mien::model::DenseSpec>(options.spec);
  const bool sgd = options.optimizer == OptimizerKind::sgd;
  const ScheduleKind schedule = options.schedule.kind;
  const bool drops = schedule == ScheduleKind::step || schedule == ScheduleKind::plateau;
  const bool rounded = options.precision == mien::Precision::bf16;
  const bool halved = options.moments == mien::Precision::bf16;
  if (halved && sgd) throw mien::ArgumentError("--moments bf16 requires --optimizer adam or adamw");
  const apps::Needs needs[] = {{"--init", a.start.empty(), "random weights, and --start gives others"},
                               {"--dropout", dense, "a network with dense layers"},
                               {"--precision", dense || !rounded, "a network with dense layers"},
                               {"--moments", dense || !halved, "a network with dense layers"},
                               {"--momentum", sgd, "--optimizer sgd"},
                               {"--drop-every", schedule == ScheduleKind::step, "--schedule step"},
                               {"--drop-factor", drops, "--schedule step or plateau"},
                               {"--plateau-patience", schedule == ScheduleKind::plateau, "--schedule plateau"}};
  apps::require_needed(app, needs);
}

void check(const CLI::App& app, const Arguments& a) {
  if (a.resume.empty()) {
    if (a.data.empty()) throw mien::ArgumentError("--csv is required: fer2013.csv, or a folder of images");
    check_objective(app, a.options);
    check_used(app, a);
    return;
  }
  const auto refuse = [&](const std::string& option) {
    if (!given(app, option)) return;
    throw mien::ArgumentError(option + " is fixed by the run being resumed; leave it out");
  };
  for (const char* option : kFixedOptions) refuse(option);
  for (const mien::image::AugmentationLimit& limit : mien::image::kAugmentationLimits) refuse(flag_of(limit));
  for (const char* option : kFixedObjectiveOptions) refuse(option);
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

std::variant<Arguments, int> parse(int argc, char** argv) {
  CLI::App app{"Trains a network that reads facial expressions, on FER2013 or images like it.", "fertrain"};
  Arguments arguments;
  Raw raw;
  add_options(app, arguments, raw);
  ObjectiveArguments objective;
  add_objective_options(app, objective);
  app.failure_message(apps::failure_message);
  apps::refuse_empty_values(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::FileError& error) {
    (void)app.exit(error);
    return apps::kBadData;
  } catch (const CLI::ConfigError& error) {  // which does not know the file's name
    const std::vector<std::string> file = app.get_config_ptr()->results();
    apps::print_error("--config " + (file.empty() ? std::string() : file.front()) + ": " + error.what());
    return apps::kUsage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? apps::kOk : apps::kUsage;
  }
  resolve(app, arguments, raw);
  resolve_objective(app, objective, arguments.options);
  check(app, arguments);
  if (!arguments.start.empty()) arguments.start = apps::model_file(arguments.start);
  arguments.command.assign(argv, argv + argc);
  return arguments;
}

}  // namespace fertrain
