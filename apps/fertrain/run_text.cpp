#include "run_text.hpp"

#include <ctime>
#include <utility>

#include "mien/core/parallel.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"
#include "mien/model/describe.hpp"

namespace fertrain {
namespace {

using mien::train::StopReason;

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string threads_text() {
  return counted(static_cast<std::uint64_t>(mien::thread_count()), "thread");
}

// Nothing of one rank alone.
std::string ranks_text(const mien::train::Trainer& trainer) {
  const int ranks = trainer.ranks().size();
  if (ranks == 1) return {};
  return ", " + std::to_string(ranks) +
         (trainer.options().shard_dense ? " ranks that share dense layers out" : " ranks");
}

// Numbers that the optimizer keeps beside each weight, in bytes.
double optimizer_bytes(const mien::train::TrainOptions& options) {
  if (const auto* adam = std::get_if<mien::optim::AdamOptions>(&options.optimizer)) {
    return adam->moments == mien::Precision::bf16 ? 4 : 8;
  }
  return std::get<mien::optim::SgdOptions>(options.optimizer).momentum > 0 ? 4 : 0;
}

// Beside the data and the program itself; of many ranks, the first one's. Layers' values are kept for the
// backward pass, which makes as many gradients; those of weights are small, or never written (see
// src/README.md).
std::string memory_line(const mien::train::TrainOptions& options) {
  const mien::model::Footprint sum = mien::model::footprint(options.spec, mien::model::Use::learn);
  const auto weights = static_cast<double>(sum.weights);
  const double kept = weights * (options.average > 0 ? 8 : 4), moments = weights * optimizer_bytes(options);
  const double values = 2 * 4 * sum.values * static_cast<double>(options.batch);
  const auto text = [](double bytes) { return mien::model::bytes_text(bytes); };
  return "memory about " + text(kept + moments + values) + ": weights " + text(kept) + ", optimizer " +
         text(moments) + ", values and gradients of a batch " + text(values) + "\n";
}

}  // namespace

std::string about(double seconds) {
  if (seconds < 100) return "about " + mien::format_fixed(seconds, 0) + " s";
  if (seconds < 100 * 60) return "about " + mien::format_fixed(seconds / 60, 0) + " min";
  return "about " + mien::format_fixed(seconds / 3600, 1) + " h";
}

std::string time_text(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  char text[64];
  std::strftime(text, sizeof text, format, &local);
  return text;
}

std::string args_json(const Arguments& a, const mien::train::TrainOptions& options, const TrainingData& data,
                      const mien::train::DataIdentity& identity) {
  using mien::Json;
  Json command{Json::Array{}};
  for (const std::string& word : a.command) command.append(word);
  Json splits;
  for (std::size_t s = 0; s < mien::data::kSplitCount; ++s) {
    splits.set(mien::data::kSplitNames[s], data.rows(static_cast<mien::data::Split>(s)).size());
  }
  Json read;
  read.set("path", identity.path).set("sha256", identity.sha256).set("rows", std::move(splits));
  read.set("trained_on", data.training_rows().size()).set("drop_leaks", identity.drop_leaks);
  if (!identity.classes.empty())
    read.set("classes", Json::Array(identity.classes.begin(), identity.classes.end()));
  read.set("notes", Json::Array(data.notes().begin(), data.notes().end()));
  Json json;
  json.set("schema", 1).set("program", "fertrain").set("version", mien::version());
  json.set("started", time_text("%Y-%m-%dT%H:%M:%S%z")).set("command", std::move(command));
  if (!a.start.empty()) json.set("start", mien::train::to_json(mien::train::identify_file(a.start)));
  json.set("recipe", a.recipe).set("options", mien::train::to_json(options));
  json.set("limits", mien::train::to_json(a.limits)).set("seed", std::to_string(options.seed));
  json.set("threads", mien::thread_count()).set("cpu", mien::cpu_name()).set("isa", mien::active_isa());
  json.set("compiler", mien::compiler()).set("data", std::move(read));
  return mien::to_json(json, {.pretty = true, .ascii = false}) + "\n";
}

std::string plan_text(const Arguments& a, const mien::train::Trainer& trainer) {
  const mien::train::TrainOptions& options = trainer.options();
  const std::uint64_t an_epoch = trainer.steps_per_epoch();
  const std::string steps = a.limits.fit_seconds ? "as many steps as the time allows"
                                                 : counted(a.limits.last_step(an_epoch), "step") + " in all";
  return mien::model::describe(options.spec) + memory_line(options) + "data " +
         mien::printable(a.faces.empty() ? a.data : a.faces) + ", " + counted(an_epoch, "step") +
         " an epoch, " + steps + ", batch " + std::to_string(options.batch) + ", seed " +
         std::to_string(options.seed) + ranks_text(trainer) + ", " + threads_text() + ", " +
         mien::active_isa() + "\n";
}

std::string few_steps_text(const Arguments& a, const mien::train::Trainer& trainer) {
  constexpr std::uint64_t kFewSteps = 500;
  const std::uint64_t steps = a.limits.last_step(trainer.steps_per_epoch());
  if (!a.any || a.limits.fit_seconds || steps >= kFewSteps) return {};
  return counted(steps, "step") + (steps == 1 ? " is" : " are") + " few to learn pictures from: " +
         (a.recipe == "few" ? "" : "--preset few is made for few pictures; ") +
         "a smaller --batch, more --epochs or a --time-limit give more\n";
}

std::string resumed_line(const Arguments& a, std::uint64_t step) {
  std::string line =
      "resumed at step " + std::to_string(step) + ", " + threads_text() + ", " + mien::active_isa() + ":";
  for (const std::string& word : a.command) line += " " + mien::shell_quoted(word);
  return line;
}

std::string reason_text(StopReason reason) {
  switch (reason) {
    case StopReason::complete:
      return "run complete";
    case StopReason::time_limit:
      return "stopped by --time-limit";
    case StopReason::patience:
      return "stopped by --patience";
    case StopReason::interrupted:
      return "interrupted";
  }
  return {};
}

}  // namespace fertrain
