#include "next_steps.hpp"

#include <cmath>

#include "mien/core/text.hpp"
#include "mien/train/task.hpp"

namespace fertrain {
namespace {

// Validation pictures, of which the best of many evaluations flatters by points.
constexpr std::size_t kFew = 200;

std::string program(const Arguments& a) {
  return a.command.empty() || a.command.front().empty() ? "fertrain" : a.command.front();
}

// A name that begins with a dash would be taken for an option.
std::string path_word(const std::filesystem::path& path) {
  const std::string text = path.string();
  return mien::shell_quoted(text.starts_with('-') ? "./" + text : text);
}

// Where this program was called by its path, the other one is beside it.
std::string ferpredict(const Arguments& a) {
  return std::filesystem::path(program(a)).replace_filename("ferpredict").string();
}

// A plan that fits the time ends the run; without one, or with another end, the time is the sitting's.
bool needs_time(const Arguments& a, const mien::train::RunState& state) {
  return a.limits.seconds > 0 && !(a.limits.fit_seconds && state.planned_steps > 0);
}

// What the numbers of classes in the data mean, where they are not FER2013's.
std::string classes(const Arguments& a) {
  const std::vector<std::string>& words = a.classes.words();
  return words.empty() ? "" : " --classes " + mien::shell_quoted(mien::join(words, ","));
}

}  // namespace

std::string resume_command(const std::filesystem::path& out, const Arguments& a,
                           const mien::train::RunState& state) {
  std::string command = mien::shell_quoted(program(a)) + " --resume " + path_word(out);
  if (a.threads != 0) command += " --threads " + std::to_string(a.threads);
  if (needs_time(a, state)) {
    command += " --time-limit " + std::to_string(static_cast<long long>(std::ceil(a.limits.seconds))) + "s";
  }
  if (a.onnx) command += " --onnx";
  if (a.goes_on) command += " --on-checkpoint-error continue";
  if (a.quiet) command += " --quiet";
  return command;
}

std::string already_over(const std::filesystem::path& out, const Arguments& a,
                         const mien::train::RunState& state, std::uint64_t steps,
                         std::uint64_t steps_per_epoch) {
  const std::uint64_t epochs = (steps + steps_per_epoch - 1) / steps_per_epoch;
  const bool by_steps = a.limits.epochs == 0 && a.limits.steps > 0;
  return "this run was over already, after " + std::to_string(steps) + " steps (" + std::to_string(epochs) +
         (epochs == 1 ? " epoch" : " epochs") +
         "), and nothing was trained; for twice as many: " + resume_command(out, a, state) +
         (by_steps ? " --steps " + std::to_string(2 * steps) : " --epochs " + std::to_string(2 * epochs));
}

std::string next_steps(const std::filesystem::path& out, const Arguments& a, std::size_t validation) {
  const auto file = [&](const char* name) { return path_word(out / name); };
  const std::string predict = mien::shell_quoted(ferpredict(a)), model = " --model " + file("best.safetensors");
  const bool faces = a.options.task == mien::train::TaskKind::faces;
  std::string text = "to look at:   " + file("report.html") + "\n";
  if (!faces) text += "to predict:   " + predict + model + " PHOTO\n";
  if (faces && mien::train::slides(a.options)) {
    text += "to predict:   " + predict + " --face-model " + file("best.safetensors") + " PHOTO\n";
  }
  if (a.any && validation > 0 && validation < kFew) {
    text += "to measure:   " + predict + model + " --data OTHERS (the " + std::to_string(validation) +
            " validation pictures chose this model, and flatter it)\n";
  }
  if (validation > 0 && !faces && a.votes.empty()) {  // ferpredict knows of no votes
    text += "to calibrate: " + predict + model + (a.any ? " --data " : " --csv ") + path_word(a.data) +
            classes(a) + " --usage " + (a.any ? "validation" : "PublicTest") + " --calibrate " +
            file("calibrated.safetensors") + "\n";
  }
  return text + "to shrink:    " + predict + model + " --convert " + file("int8.safetensors") + " --dtype int8";
}

std::string after_divergence(const std::filesystem::path& out, const Arguments& a, std::uint64_t step) {
  return "the state after step " + std::to_string(step) + " is in " + (out / "last.safetensors").string() +
         "; a new run with a lower --lr (" +
         mien::format_number(mien::shortest_decimal(a.options.schedule.base)) +
         " here) or a --warmup may get further";
}

}  // namespace fertrain
