#include "recorder.hpp"

#include <cstdio>
#include <filesystem>
#include <optional>

#include "common/exit_codes.hpp"
#include "common/interrupt.hpp"
#include "common/run_notes.hpp"
#include "mien/core/error.hpp"
#include "mien/core/stopwatch.hpp"
#include "mien/core/text.hpp"
#include "mien/model/onnx.hpp"

namespace fertrain {
namespace {

using mien::train::RunFolder;
using mien::train::RunState;
using mien::train::Trainer;

using apps::kAccuracyNote;
using apps::kStepNote;

void note_best(mien::model::ModelFile& model, const RunState& state) {
  model.notes[kStepNote] = std::to_string(state.best_step);
  if (state.best_accuracy >= 0) model.notes[kAccuracyNote] = mien::format_number(state.best_accuracy);
}

}  // namespace

void Recorder::on_step(const Trainer& trainer, const mien::train::StepResult& result) {
  if (limits_.fit_seconds) progress_.set_last_step(trainer.schedule().options().total_steps);
  progress_.step(trainer.steps_done(), result);
}

void Recorder::before_evaluation(const Trainer&) {
  progress_.doing("evaluating");
}

template <typename Write>
void Recorder::attempt(const Write& write) {
  if (!goes_on_) return write();
  try {
    write();
  } catch (const mien::DataError& error) {
    const std::string line = error.what() + std::string("; going on");
    progress_.clear_line();
    apps::print_error(line);
    try {
      folder_.log(mien::printable(line));
    } catch (const mien::DataError&) {  // it may be the log
    }
  }
}

void Recorder::write_best() {
  if (!unwritten_best_) return;
  folder_.remove_measures();
  mien::model::write_model(folder_.best(), *unwritten_best_);
  unwritten_best_.reset();
}

void Recorder::on_evaluation(Trainer& trainer, const RunState& state, bool best) {
  progress_.evaluation(state.history.back(), best);
  if (best) {
    unwritten_best_ = trainer.snapshot();
    note_best(*unwritten_best_, state);
  }
  attempt([&] { folder_.log(evaluation_line(state.history.back(), best)); });
  attempt([&] {
    folder_.write_metrics(state.history, folder_.title(trainer.options().model_name), state.best_step);
  });
  attempt([&] { write_best(); });
  if (unwritten_best_) {  // the steps to come change what it shares with the trainer
    for (mien::model::Weight& weight : unwritten_best_->weights) weight.tensor = weight.tensor.clone();
  }
  attempt([&] { report_.running(trainer, state); });
}

void Recorder::on_checkpoint(Trainer& trainer, const RunState& state) {
  constexpr double kNoticed = 0.2;  // the one before was written before the first step
  if (checkpoint_seconds_ > kNoticed) progress_.doing("writing a checkpoint");
  in_checkpoint_ = true;
  attempt([&] { write_both(trainer, state); });
  in_checkpoint_ = false;
  progress_.back_to_steps();
}

void Recorder::write_both(Trainer& trainer, const RunState& state) {
  checkpoint_is_due_ = true;
  write_best();
  mien::Stopwatch stopwatch;
  mien::train::write_checkpoint(folder_.last(), trainer, state, limits_, identity_);
  checkpoint_is_due_ = false;
  checkpoint_step_ = trainer.steps_done();
  checkpoint_seconds_ = stopwatch.lap_ms() / 1000;
}

void Recorder::save_what_is_trained(Trainer& trainer, const RunState& state) noexcept {
  if (in_checkpoint_ || trainer.steps_done() == checkpoint_step_) return;
  if (!trainer.is_collected()) return;  // other ranks have what is missing, and may have ended
  try {
    if (trainer.collected_state_fault().empty()) on_checkpoint(trainer, state);
  } catch (const std::exception&) {  // why the run ends is what there is to be said
  }
}

void Recorder::finish(Trainer& trainer, const RunState& state) {
  write_best();
  if (checkpoint_is_due_) write_both(trainer, state);
}

bool Recorder::stop_requested() {
  return apps::interrupted();
}

void look_at_best(RunFolder& folder, RunState& state) {
  try {
    const auto file = mien::model::SafetensorsFile::open(folder.best());
    file.verify();
    const auto note = [&](const char* name) {
      const std::string* text = mien::model::find_note(file, name);
      return text == nullptr ? std::string() : *text;
    };
    const std::optional<double> accuracy = mien::parse_double(note(kAccuracyNote));
    const std::optional<mien::Index> step = mien::parse_index(note(kStepNote));
    if (!accuracy || !(*accuracy >= 0 && *accuracy <= 1) || !step || *step < 0) return;
    state.best_accuracy = *accuracy;
    state.best_step = static_cast<std::uint64_t>(*step);
  } catch (const mien::DataError& error) {
    folder.log(mien::printable(error.what()) + "; the next evaluation supplies another");
    state.best_accuracy = -1;
    state.best_is_lost = true;
  }
}

void say(RunFolder& folder, const std::string& line) {
  std::printf("%s\n", line.c_str());
  folder.log(line);
}

std::vector<Measured> measure_best(RunFolder& folder, Progress& progress, const TrainingData& data,
                                   const RunState& state, bool onnx) {
  if (!std::filesystem::exists(folder.best())) {  // --guard off, or it was taken away
    const std::string line =
        std::string("no best.safetensors") + (onnx ? ", so no best.onnx" : "") +
        ": it was taken away, or no evaluation's weights could be kept: not finite, or refused by the runtime";
    progress.clear_line();
    apps::print_error(line);
    folder.log(line);
    std::printf("%s\n", mien::printable(folder.path().string()).c_str());
    return {};
  }
  const mien::model::ModelFile model = mien::model::read_model(folder.best(), mien::model::kNoModelLimits);
  std::vector<Measured> measured =
      data.measure(model, folder, progress, "best.safetensors of step " + std::to_string(state.best_step));
  if (onnx) mien::model::write_onnx(folder.best_onnx(), model);
  std::printf("%s\n", mien::printable(folder.path().string()).c_str());
  return measured;
}

}  // namespace fertrain
