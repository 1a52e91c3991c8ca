#include "training.hpp"

#include <cstdio>
#include <memory>
#include <optional>

#include "common/exit_codes.hpp"
#include "common/interrupt.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/json.hpp"
#include "mien/core/memory.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"
#include "mien/model/match.hpp"
#include "mien/model/onnx.hpp"
#include "mien/train/run_folder.hpp"
#include "next_steps.hpp"
#include "presets.hpp"
#include "progress.hpp"
#include "ranks.hpp"
#include "recorder.hpp"
#include "run_report.hpp"
#include "run_text.hpp"
#include "saved_run.hpp"
#include "training_data.hpp"

namespace fertrain {
namespace {

using mien::data::Split;
using mien::train::DataIdentity;
using mien::train::RunFolder;
using mien::train::RunPage;
using mien::train::RunState;
using mien::train::StopReason;
using mien::train::Trainer;

std::filesystem::path out_folder(const Arguments& a) {
  if (!a.resume.empty()) return a.resume;
  std::filesystem::path path =
      a.out.empty() ? "runs/" + a.options.model_name + time_text("-%Y%m%d-%H%M%S") : a.out;
  mien::train::require_unused(path);
  return path;
}

// Images below the manifest's folder are photos, and the run's would be some without faces.
void require_apart(const std::filesystem::path& out, const std::filesystem::path& manifest) {
  namespace fs = std::filesystem;
  std::error_code error;  // whatever is wrong with the manifest, reading it will tell
  const fs::path photos = fs::weakly_canonical(fs::absolute(manifest), error).parent_path();
  const fs::path way = fs::weakly_canonical(fs::absolute(out), error).lexically_relative(photos);
  if (error || way.empty() || *way.begin() == "..") return;
  throw mien::ArgumentError("--out " + out.string() + ": among the photos, whose folder is " + photos.string() +
                            "; its pictures would be taken for some of them");
}

// What ends the run before its time is part of its story, too.
template <typename Body>
auto logged(RunFolder& folder, RunReport& report, const RunState& state, const Body& body) {
  try {
    return body();
  } catch (const mien::Error& error) {
    try {
      folder.log(mien::printable(error.what()));
      report.over(state, RunPage::Status::failed, error.what(), {});
    } catch (const mien::DataError&) {  // the disk may be what is full
    }
    throw;
  }
}

StopReason run(Trainer& trainer, RunState& state, const TrainingData& data, const Arguments& a,
               RunFolder& folder, RunReport& report, Recorder& recorder) {
  apps::watch_for_interrupt(apps::WaitingCalls::restart);
  return logged(folder, report, state, [&] {
    report.running(trainer, state);
    recorder.on_checkpoint(trainer, state);  // better to learn now that the disk is full
    try {
      const StopReason reason =
          mien::train::run(trainer, state, data.rows(Split::public_test), a.limits, recorder);
      recorder.finish(trainer, state);
      return reason;
    } catch (const mien::DataError&) {
      recorder.save_what_is_trained(trainer, state);
      throw;
    } catch (const mien::DivergedError& error) {
      throw mien::DivergedError(error.what() +
                                ("; " + after_divergence(folder.path(), a, recorder.checkpoint_step())));
    }
  });
}

// What an ONNX file of another's making says of how images are prepared; where that is nothing, they are
// prepared as the options say.
bool says_nothing(const mien::image::Normalization& n) {
  return n.per_image == mien::image::PerImage::none && n.scale == 1 && !n.mean.defined() &&
         !n.inv_std.defined();
}

mien::model::ModelFile start_model(const Arguments& a, const Trainer& trainer,
                                   const std::vector<std::string>& classes) {
  const std::filesystem::path path = a.start;
  if (path.extension() != ".onnx") return mien::model::read_model(path, mien::model::kNoModelLimits);
  mien::model::OnnxReadOptions options;
  options.default_labels = classes;
  mien::model::ModelFile model =
      mien::model::matched(mien::model::read_onnx(path, options), trainer.options().spec);
  const bool foreign = model.notes.count(mien::model::kOnnxNote) > 0;
  if (foreign && says_nothing(model.normalization)) model.normalization = trainer.normalization();
  return model;
}

// How the run began, also when it goes on; nothing where that cannot be read any more.
mien::Json begun(const RunFolder& folder) {
  constexpr std::size_t kMostBytes = std::size_t{16} << 20;
  const std::filesystem::path path = folder.path() / "args.json";
  try {
    return mien::parse_json(mien::read_file(path, kMostBytes), path.string());
  } catch (const mien::DataError&) {
    return {};
  }
}

// What to do for more training: by the same command where time is all that was missing, with a later end where
// the run had reached its own before this sitting.
std::string how_to_go_on(const std::filesystem::path& out, const Arguments& a, const Trainer& trainer,
                         const RunState& state, StopReason reason, std::uint64_t begun_at) {
  if (reason == StopReason::time_limit) return "to go on: " + resume_command(out, a, state);
  if (a.resume.empty() || trainer.steps_done() > begun_at) return {};
  return already_over(out, a, state, trainer.steps_done(), trainer.steps_per_epoch());
}

// What it has cost that there are several ranks: into the log and args.json.
void note_traffic(RunFolder& folder, const Trainer& trainer) {
  const std::string line = traffic_line(trainer);
  mien::Json args = begun(folder);
  if (line.empty() || args.is_null()) return;
  folder.log(line);
  args.set("traffic", traffic_json(trainer));
  folder.write_text("args.json", mien::to_json(args, {.pretty = true, .ascii = false}) + "\n");
}

// The end of a run that was not interrupted.
void finish(RunFolder& folder, RunReport& report, Progress& progress, const TrainingData& data,
            const Arguments& a, const RunState& state, StopReason reason, const std::string& how_to_go_on) {
  const std::vector<Measured> measured = measure_best(folder, progress, data, state, a.onnx);
  std::fflush(stdout);  // what follows is to stand below
  std::string commands;
  const auto say = [&](const std::string& text) {
    folder.log(text);
    progress.note(text);
    commands += text + "\n";
  };
  if (!how_to_go_on.empty()) say(how_to_go_on);
  if (std::filesystem::exists(folder.best()))
    say(next_steps(folder.path(), a, data.rows(Split::public_test).size()));
  report.over(state, RunPage::Status::done, reason_text(reason), commands, measured);
}

}  // namespace

int train(const Arguments& given, mien::comm::Communicator& ranks) {
  Arguments a = given;
  set_threads(a.threads, ranks);
  const bool first = ranks.rank() == 0;
  if (ranks.launched() && !a.parts_given) a.options.parts = kRankParts;
  std::unique_ptr<RunFolder> folder = first ? lock_saved(a) : nullptr;
  std::optional<SavedRun> saved = take_over_saved(a);
  const bool faces = a.options.task == mien::train::TaskKind::faces;
  if (faces && a.onnx) throw mien::ArgumentError("--onnx writes networks that tell expressions apart alone");
  const std::filesystem::path out = first ? out_folder(a) : std::filesystem::path();
  if (faces && first) require_apart(out, a.faces);
  if (!folder && first && !a.dry_run)
    folder = std::make_unique<RunFolder>(out);  // before the work: it may not be writable
  if (folder) folder->remove_abandoned();

  const std::unique_ptr<TrainingData> data = faces ? face_data(a) : expression_data(a);
  const DataIdentity identity = saved ? data->same(saved->checkpoint.data) : data->identity();

  if (a.preset && !saved) data->fit_network(a.options);
  if (!saved) choose_sharding(a, ranks);
  auto owner = std::make_unique<Trainer>(a.options, data->task(a.options), ranks);
  Trainer& trainer = *owner;
  RunState state;
  if (!a.start.empty()) trainer.start_from(start_model(a, trainer, data->classes()));
  if (saved) {
    // Let go of when its values have been taken: it is as large as all that trains, and about to be replaced.
    const mien::model::SafetensorsFile file = std::move(saved->file);
    mien::train::restore(trainer, file);
    state = saved->checkpoint.state;
  }
  trainer.plan(a.limits);
  agree(trainer, a.limits, identity);
  if (!first && a.dry_run) return apps::kOk;
  if (!first) {
    share_best(state, ranks);
    return follow(trainer, state, data->rows(Split::public_test), a.limits);
  }
  Progress progress(a.quiet, a.limits.last_step(trainer.steps_per_epoch()), trainer.steps_per_epoch());
  const std::string notes = data->report_on_data();
  progress.note(notes);
  const bool could_be_better = a.as_usual && !saved && !faces && !a.any;
  const std::string plan = plan_text(a, trainer) + (could_be_better ? other_presets() : "") +
                           (saved ? "" : few_steps_text(a, trainer));
  if (a.dry_run) {
    std::printf("%s", plan.c_str());
    return apps::kOk;
  }
  progress.note(plan);

  if (!saved) {
    folder->write_text("args.json", args_json(a, trainer.options(), *data, identity));
    data->write_samples(*folder);
    folder->log(notes + plan);
  } else {
    look_at_best(*folder, state);
    folder->log(resumed_line(a, trainer.steps_done()));
  }
  share_best(state, ranks);
  RunReport report(*folder, a, *data, trainer, begun(*folder));
  Recorder recorder(*folder, progress, report, a.limits, identity, a.goes_on);
  const std::uint64_t begun_at = trainer.steps_done();
  const StopReason reason = run(trainer, state, *data, a, *folder, report, recorder);
  note_traffic(*folder, trainer);
  folder->log(reason_text(reason));
  progress.note(reason_text(reason));
  if (reason == StopReason::interrupted) {
    const std::string command = resume_command(out, a, state);
    folder->log(command);  // the terminal may be gone
    report.over(state, RunPage::Status::stopped, reason_text(reason), "to go on: " + command + "\n");
    std::printf("%s\n", command.c_str());
    ranks.barrier();
    return apps::kInterrupted;
  }
  const std::string more = how_to_go_on(out, a, trainer, state, reason, begun_at);
  // The weights that are measured need not stand beside those of the last step and their moments.
  owner.reset();
  mien::release_cached_memory();
  finish(*folder, report, progress, *data, a, state, reason, more);
  ranks.barrier();  // until then the others may be told that something has failed
  return apps::kOk;
}

}  // namespace fertrain
