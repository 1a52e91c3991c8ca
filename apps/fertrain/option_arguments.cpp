#include "option_arguments.hpp"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/given.hpp"
#include "common/number_range.hpp"
#include "mien/core/text.hpp"
#include "mien/train/option_rows.hpp"

namespace fertrain {
namespace {

using apps::given;
using mien::train::option_rows;
using mien::train::option_text;
using mien::train::OptionRow;
using mien::train::recipe;
using mien::train::TrainOptions;

CLI::Validator range_of(const OptionRow& row) {
  if (row.kind == OptionRow::Kind::word) return CLI::IsMember(row.words);
  const bool bounded = row.most < std::numeric_limits<float>::max();
  if (row.kind == OptionRow::Kind::number) {
    return bounded ? apps::number_range(row.least, row.most) : apps::not_negative();
  }
  CLI::Range range(static_cast<std::uint64_t>(row.least),
                   bounded ? static_cast<std::uint64_t>(row.most) : std::numeric_limits<std::uint64_t>::max());
  if (row.least == 0) range.description("");  // all there are
  return range;
}

std::string value_name(const OptionRow& row) {
  if (!row.value_name.empty()) return row.value_name;
  return row.kind == OptionRow::Kind::number ? "FLOAT" : row.kind == OptionRow::Kind::count ? "UINT" : "TEXT";
}

struct Recipes {
  TrainOptions paper = recipe("paper");
  TrainOptions literal = recipe("literal");
  TrainOptions best = recipe("best", mien::model::preset("small"));
  TrainOptions best_plain = recipe("best");  // for networks without batch normalization
  TrainOptions few = recipe("few");
};

// What the recipes say, where they do not say the same; else nothing.
std::string by_recipe(const Recipes& recipes, const std::string& flag) {
  const std::string paper = option_text(recipes.paper, flag), literal = option_text(recipes.literal, flag);
  const std::string normalized = option_text(recipes.best, flag), plain = option_text(recipes.best_plain, flag);
  const std::string few = option_text(recipes.few, flag);
  std::string text;
  if (few != paper) text += ", few " + few;
  if (literal != paper) text += ", literal " + literal;
  if (normalized != paper || plain != paper) text += ", best " + normalized;
  if (plain != normalized) text += " or, without batch normalization, " + plain;
  return text.empty() ? text : "; default: the recipe's (paper " + paper + text + ")";
}

std::string given_text(const CLI::App& app, const OptionRow& row) {
  const CLI::Option& option = *app.get_option(row.flag);
  if (row.kind == OptionRow::Kind::number) {
    return mien::format_number(mien::shortest_decimal(option.as<float>()));
  }
  return row.kind == OptionRow::Kind::count ? std::to_string(option.as<std::uint64_t>())
                                            : option.as<std::string>();
}

}  // namespace

void add_train_options(CLI::App& app) {
  const Recipes recipes;
  for (const OptionRow& row : option_rows()) {
    const std::string differs = by_recipe(recipes, row.flag), help = row.help + differs;
    CLI::Option* option = app.add_option(row.flag, help)->type_name(value_name(row))->check(range_of(row));
    if (differs.empty()) option->default_str(option_text(recipes.paper, row.flag));
  }
}

void apply_train_options(const CLI::App& app, TrainOptions& options) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const OptionRow& row : option_rows()) {
    if (given(app, row.flag)) texts.emplace_back(row.flag, given_text(app, row));
  }
  mien::train::set_options(options, texts);
  if (given(app, "--warmup")) options.schedule.warmup_shrinks = false;
  if (auto* sgd = std::get_if<mien::optim::SgdOptions>(&options.optimizer)) sgd->nesterov = sgd->momentum > 0;
}

void check_used(const CLI::App& app, const TrainOptions& options, bool random_weights) {
  using mien::optim::ScheduleKind;
  const bool dense = mien::model::has_layer<mien::model::DenseSpec>(options.spec);
  const bool multiplies = dense || mien::model::has_layer<mien::model::ConvSpec>(options.spec);
  const bool sgd = std::holds_alternative<mien::optim::SgdOptions>(options.optimizer);
  const ScheduleKind schedule = options.schedule.kind;
  const bool drops = schedule == ScheduleKind::step || schedule == ScheduleKind::plateau;
  const auto halves = [&](const char* flag) { return app.get_option(flag)->as<std::string>() == "bf16"; };
  const bool mixes = options.mix.mixup != 0.0f || options.mix.cutmix != 0.0f;
  const mien::image::Augmentation& changes = options.augmentation;
  const bool degrades = changes.blur > 0 || changes.shrink > 0 || changes.noise > 0 || changes.jpeg > 0;
  const bool labels = options.task == mien::train::TaskKind::expressions;
  const bool taught = !options.distillation.teachers.empty();
  if (halves("--moments") && sgd) {
    throw mien::ArgumentError("--moments bf16 requires --optimizer adam or adamw");
  }
  const apps::Needs needs[] = {
      {"--init", random_weights, "random weights, and --start gives others"},
      {"--dropout", dense, "a network with dense layers"},
      {"--precision", multiplies || !halves("--precision"), "a network with dense layers or convolutions"},
      {"--moments", dense || !halves("--moments"), "a network with dense layers"},
      {"--momentum", sgd, "--optimizer sgd"},
      {"--drop-every", schedule == ScheduleKind::step, "--schedule step"},
      {"--drop-factor", drops, "--schedule step or plateau"},
      {"--plateau-patience", schedule == ScheduleKind::plateau, "--schedule plateau"},
      {"--channel-shift", labels, "--data"},
      {"--degrade", degrades, "--blur, --shrink, --noise or --jpeg"},
      {"--mix-until", mixes, "--mixup or --cutmix"},
      {"--classes", labels, "--csv or --data"},
      {"--labels", labels && app.count("--data") == 0, "--csv"},
      {"--preset", labels, "--csv or --data"},
      {"--size", app.count("--data") > 0, "--data"},
      {"--channels", app.count("--data") > 0, "--data"},
      {"--drop-leaks", labels, "--csv"},
      {"--allow-absent-classes", labels, "--csv"},
      {"--distill-weight", taught, "--teacher"},
      {"--distill-temperature", taught, "--teacher"},
      {"--teacher-views", taught, "--teacher"}};
  apps::require_needed(app, needs);
}

}  // namespace fertrain
