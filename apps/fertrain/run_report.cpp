#include "run_report.hpp"

#include <algorithm>
#include <cmath>

#include "mien/core/text.hpp"
#include "mien/eval/page.hpp"
#include "mien/model/describe.hpp"
#include "mien/train/metrics.hpp"
#include "mien/train/option_rows.hpp"
#include "next_steps.hpp"
#include "run_text.hpp"

namespace fertrain {
namespace {

using mien::data::Split;
using mien::train::RunPage;
using mien::train::RunState;
using mien::train::Trainer;

constexpr double kLeastReload = 5, kMostReload = 60;  // seconds

std::string text_of(const mien::Json& json) {
  return json.kind() == mien::Json::Kind::string ? json.as_string() : mien::to_json(json);
}

std::vector<std::pair<std::string, std::string>> facts_of(const mien::Json& begun) {
  std::vector<std::pair<std::string, std::string>> facts;
  const auto add = [&](const char* name, const mien::Json* value) {
    if (value != nullptr) facts.emplace_back(name, text_of(*value));
  };
  add("began", begun.find("started"));
  if (const mien::Json* command = begun.find("command"); command != nullptr) {
    std::vector<std::string> words;
    for (const mien::Json& word : command->as_array()) words.push_back(mien::shell_quoted(word.as_string()));
    facts.emplace_back("command", mien::join(words, " "));
  }
  add("recipe", begun.find("recipe"));
  if (const mien::Json* data = begun.find("data"); data != nullptr) {
    add("data", data->find("path"));
    std::vector<std::string> splits;
    for (const mien::JsonMember& split : data->at("rows").as_object()) {
      splits.push_back(split.key + " " + text_of(split.value));
    }
    facts.emplace_back("rows", mien::join(splits, ", "));
  }
  for (const char* name : {"seed", "threads", "cpu", "isa", "compiler", "version"}) add(name, begun.find(name));
  return facts;
}

std::vector<RunPage::Option> options_of(const Arguments& a, const mien::train::TrainOptions& options) {
  const mien::train::TrainOptions usual = mien::train::recipe(a.recipe, options.spec);
  std::vector<RunPage::Option> result;
  for (const mien::train::OptionRow& row : mien::train::option_rows()) {
    const std::string value = option_text(options, row.flag);
    result.push_back({row.flag, value, value == option_text(usual, row.flag)});
  }
  return result;
}

// Whoever looks at PrivateTest's rows one by one begins to choose by them.
std::string evaluation_section(const TrainingData& data, const mien::eval::Evaluation& evaluation,
                               Split split) {
  const std::string mistakes = split == Split::private_test ? std::string() : data.mistakes(evaluation, split);
  return mien::eval::evaluation_html(evaluation) + mistakes;
}

}  // namespace

RunReport::RunReport(mien::train::RunFolder& folder, const Arguments& a, const TrainingData& data,
                     const Trainer& trainer, const mien::Json& begun)
    : folder_(folder),
      data_(data),
      limits_(a.limits),
      steps_per_epoch_(trainer.steps_per_epoch()),
      batch_(trainer.options().batch) {
  page_.name = folder.title(trainer.options().model_name);
  page_.network = mien::model::describe(trainer.options().spec);
  page_.options = options_of(a, trainer.options());
  page_.facts = facts_of(begun);
}

std::uint64_t RunReport::last_step(const RunState& state) const {
  if (limits_.fit_seconds) return state.planned_steps;
  const std::uint64_t last = limits_.last_step(steps_per_epoch_);
  return last < mien::train::RunLimits::kUnplanned ? last : 0;
}

void RunReport::running(const Trainer& trainer, const RunState& state) {
  page_.status = RunPage::Status::running;
  const std::uint64_t done = trainer.steps_done(), last = last_step(state);
  page_.progress = "step " + mien::grouped(done);
  if (last > 0) page_.progress += " of " + mien::grouped(last);
  double seconds = 0;  // from one evaluation to the next
  if (!state.history.empty()) {
    const mien::train::MetricRow& row = state.history.back();
    seconds = row.seconds - (state.history.size() > 1 ? state.history[state.history.size() - 2].seconds : 0);
    if (last > done && row.images_per_second > 0) {
      const double left = static_cast<double>((last - done) * static_cast<std::uint64_t>(batch_));
      page_.progress += ", " + about(left / row.images_per_second) + " of training left";
    }
  }
  page_.progress += ", as of " + time_text("%H:%M:%S") + "; this page reloads itself";
  page_.reload_seconds = static_cast<int>(std::clamp(seconds / 2, kLeastReload, kMostReload));
  show_evaluation(state);
  write(state);
}

void RunReport::over(const RunState& state, RunPage::Status status, const std::string& how,
                     const std::string& commands, const std::vector<Measured>& measured) {
  page_.status = status;
  page_.progress = how + ", " + time_text("%Y-%m-%d %H:%M");
  page_.commands = commands;
  page_.reload_seconds = 0;
  show_evaluation(state);
  if (!measured.empty()) page_.sections.clear();
  for (const Measured& m : measured) {
    page_.sections.emplace_back(std::string(mien::data::split_name(m.split)) + ", by best.safetensors",
                                evaluation_section(data_, m.evaluation, m.split));
  }
  write(state);
}

// Of the weights that are kept; after --resume those of the last evaluation until better ones come.
void RunReport::show_evaluation(const RunState& state) {
  page_.sections.clear();
  const bool best = state.best_evaluation != nullptr;
  const auto& shown = best ? state.best_evaluation : state.last_evaluation;
  if (shown == nullptr) return;
  const std::uint64_t step = best ? state.best_step : state.history.back().step;
  page_.sections.emplace_back(std::string(mien::data::split_name(Split::public_test)) + ", step " +
                                  mien::grouped(step) + (best ? ", the best so far" : ", the last"),
                              evaluation_section(data_, *shown, Split::public_test));
}

void RunReport::write(const RunState& state) {
  page_.history = state.history;
  page_.best_step = state.best_step;
  folder_.write_text("report.html", mien::train::run_page(page_));
}

}  // namespace fertrain
