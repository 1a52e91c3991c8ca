#include "training.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>

#include "common/class_numbers.hpp"
#include "common/exit_codes.hpp"
#include "common/interrupt.hpp"
#include "mien/core/error.hpp"
#include "mien/core/memory.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"
#include "mien/data/audit.hpp"
#include "mien/data/open.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/describe.hpp"
#include "mien/train/checkpoint.hpp"
#include "mien/train/run_folder.hpp"
#include "next_steps.hpp"
#include "progress.hpp"
#include "recorder.hpp"

namespace fertrain {
namespace {

using mien::data::Dataset;
using mien::data::Split;
using mien::train::Checkpoint;
using mien::train::RunFolder;
using mien::train::RunLimits;
using mien::train::RunState;
using mien::train::StopReason;
using mien::train::Trainer;

std::string time_text(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  char text[64];
  std::strftime(text, sizeof text, format, &local);
  return text;
}

std::vector<std::uint32_t> training_rows(const Dataset& dataset, const Arguments& a, bool drop_leaks) {
  std::vector<std::uint32_t> rows = dataset.indices(Split::training);
  if (drop_leaks) {
    const std::vector<std::uint32_t> leaks = mien::data::leaks(dataset);
    std::erase_if(rows, [&](std::uint32_t row) { return std::binary_search(leaks.begin(), leaks.end(), row); });
  }
  if (rows.empty()) throw mien::DataError(dataset.source + ": no Training rows");
  std::vector<bool> present(mien::data::kClassCount);
  for (const std::uint32_t row : rows) present[dataset.labels[row]] = true;
  for (std::size_t c = 0; c < present.size(); ++c) {
    if (!present[c] && !a.allow_absent_classes && a.resume.empty()) {
      throw mien::DataError(dataset.source + ": no Training rows of class " + std::to_string(c) + " (" +
                            std::string(mien::data::kClassNames[c]) +
                            "); --allow-absent-classes trains without it");
    }
  }
  return rows;
}

// What a resumed run takes from its checkpoint unless the command line says otherwise.
RunLimits resumed_limits(const Arguments& a, const RunLimits& saved) {
  RunLimits limits = saved;
  if (a.steps_given) limits.steps = a.limits.steps;
  if (a.epochs_given) limits.epochs = a.limits.epochs;
  if (a.steps_given || a.epochs_given) limits.fit_seconds = false;
  if (a.steps_given && !a.epochs_given) limits.epochs = 0;
  if (a.epochs_given && !a.steps_given) limits.steps = 0;
  limits.seconds = a.seconds_given ? a.limits.seconds : 0;  // a limit of one sitting
  if (a.patience_given) limits.patience = a.limits.patience;
  if (a.eval_every_given) limits.eval_every = a.limits.eval_every;
  return limits;
}

// Nothing is measured without them, so that nothing would ever be better than before. A run being resumed may
// have been begun before that was refused.
void check_validation(const Arguments& a, const Dataset& dataset) {
  if (!dataset.indices(Split::public_test).empty()) return;
  const bool plateau = a.options.schedule.kind == mien::optim::ScheduleKind::plateau;
  const char* option = nullptr;
  if (a.patience_given && a.limits.patience > 0) option = "--patience";
  if (plateau && a.resume.empty()) option = "--schedule plateau";
  if (option == nullptr) return;
  throw mien::ArgumentError(std::string(option) + " requires PublicTest rows, and " + dataset.source +
                            " has none");
}

// Teachers that lie elsewhere by now; the files are to be the same.
void find_teachers(std::vector<mien::train::FileIdentity>& teachers,
                   const std::vector<mien::train::FileIdentity>& given) {
  for (const mien::train::FileIdentity& file : given) {
    bool known = false;
    for (mien::train::FileIdentity& teacher : teachers) {
      if (teacher.sha256 != file.sha256) continue;
      teacher.path = file.path;
      known = true;
    }
    if (!known) {
      throw mien::ArgumentError("--teacher " + file.path + ": not a teacher of the run being resumed");
    }
  }
}

// What spans the run, or a share of it, needs to know how long that is.
void resolve_schedule(mien::train::TrainOptions& options, const RunLimits& limits, std::size_t rows) {
  const std::uint64_t total = limits.last_step(mien::data::batches_per_epoch(rows, options.batch));
  const bool cosine = options.schedule.kind == mien::optim::ScheduleKind::cosine;
  if (cosine || options.mix.until < 1.0f) options.schedule.total_steps = total;
  if (options.schedule.warmup_shrinks && !limits.fit_seconds) {
    // Once and for all: a run that is resumed with another end does not warm up again. (That of a run made to
    // fit a time follows its plan.)
    options.schedule.warmup_steps = std::min(options.schedule.warmup_steps, total / 10);
    options.schedule.warmup_shrinks = false;
  }
  if (options.schedule.kind == mien::optim::ScheduleKind::step && options.schedule.steps_per_drop == 0) {
    options.schedule.steps_per_drop = std::max<std::uint64_t>(1, total / 3);
  }
}

std::string args_json(const Arguments& a, const Trainer& trainer, const RunLimits& limits,
                      const Dataset& dataset, std::size_t train_rows,
                      const mien::train::DataIdentity& identity) {
  using mien::Json;
  Json command{Json::Array{}};
  for (const std::string& word : a.command) command.append(word);
  Json rows;
  for (std::size_t s = 0; s < mien::data::kSplitCount; ++s) {
    rows.set(mien::data::kSplitNames[s], dataset.indices(static_cast<Split>(s)).size());
  }
  Json data;
  data.set("path", identity.path).set("sha256", identity.sha256).set("rows", std::move(rows));
  data.set("trained_on", train_rows).set("drop_leaks", identity.drop_leaks);
  if (!identity.classes.empty())
    data.set("classes", Json::Array(identity.classes.begin(), identity.classes.end()));
  data.set("notes", Json::Array(dataset.notes.begin(), dataset.notes.end()));
  Json json;
  json.set("schema", 1).set("program", "fertrain").set("version", mien::version());
  json.set("started", time_text("%Y-%m-%dT%H:%M:%S%z")).set("command", std::move(command));
  if (!a.start.empty()) json.set("start", mien::train::to_json(mien::train::identify_file(a.start)));
  json.set("recipe", a.recipe).set("options", mien::train::to_json(trainer.options()));
  json.set("limits", mien::train::to_json(limits)).set("seed", std::to_string(trainer.options().seed));
  json.set("threads", mien::thread_count()).set("cpu", mien::cpu_name()).set("isa", mien::active_isa());
  json.set("compiler", mien::compiler()).set("data", std::move(data));
  return mien::to_json(json, {.pretty = true, .ascii = false}) + "\n";
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

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string threads_text() {
  return counted(static_cast<std::uint64_t>(mien::thread_count()), "thread");
}

// What args.json does not say of a run that goes on.
std::string resumed_line(const Arguments& a, std::uint64_t step) {
  std::string line =
      "resumed at step " + std::to_string(step) + ", " + threads_text() + ", " + mien::active_isa() + ":";
  for (const std::string& word : a.command) line += " " + mien::shell_quoted(word);
  return line;
}

// What ends the run before its time is part of its story, too.
template <typename Body>
auto logged(RunFolder& folder, const Body& body) {
  try {
    return body();
  } catch (const mien::Error& error) {
    try {
      folder.log(mien::printable(error.what()));
    } catch (const mien::DataError&) {  // the disk may be what is full
    }
    throw;
  }
}

void print_plan(const Arguments& a, const Trainer& trainer, const RunLimits& limits) {
  const std::uint64_t an_epoch = trainer.steps_per_epoch();
  const std::string steps = limits.fit_seconds ? "as many steps as the time allows"
                                               : counted(limits.last_step(an_epoch), "step") + " in all";
  std::printf("%sdata %s, %s an epoch, %s, batch %td, seed %llu, %s, %s\n",
              mien::model::describe(trainer.options().spec).c_str(), mien::printable(a.data).c_str(),
              counted(an_epoch, "step").c_str(), steps.c_str(), trainer.options().batch,
              static_cast<unsigned long long>(trainer.options().seed), threads_text().c_str(),
              mien::active_isa().c_str());
}

std::filesystem::path out_folder(const Arguments& a) {
  if (!a.resume.empty()) return a.resume;
  std::filesystem::path path =
      a.out.empty() ? "runs/" + a.options.model_name + time_text("-%Y%m%d-%H%M%S") : a.out;
  if (std::filesystem::exists(path / "last.safetensors")) {
    throw mien::ArgumentError(path.string() + " already holds a run: --resume " +
                              mien::shell_quoted(path.string()) + " continues it, another --out starts anew");
  }
  if (std::filesystem::exists(path / "best.safetensors")) {
    throw mien::ArgumentError(path.string() +
                              " already holds the weights of a run, and no checkpoint; another "
                              "--out starts anew");
  }
  return path;
}

// A saved run and the file it came from.
struct Saved {
  mien::model::SafetensorsFile file;
  Checkpoint checkpoint;
};

// Before its checkpoint is read: who still trains into it may be about to write another.
std::unique_ptr<RunFolder> lock_saved(const Arguments& a) {
  const bool there =
      !a.resume.empty() && std::filesystem::exists(std::filesystem::path(a.resume) / "last.safetensors");
  return there && !a.dry_run ? std::make_unique<RunFolder>(a.resume) : nullptr;
}

std::optional<Saved> open_saved(const Arguments& a) {
  if (a.resume.empty()) return std::nullopt;
  auto file = mien::model::SafetensorsFile::open(std::filesystem::path(a.resume) / "last.safetensors");
  Checkpoint checkpoint = mien::train::read_checkpoint(file);
  return Saved{std::move(file), std::move(checkpoint)};
}

}  // namespace

int train(const Arguments& given) {
  Arguments a = given;
  mien::set_thread_count(a.threads);
  std::unique_ptr<RunFolder> folder = lock_saved(a);
  std::optional<Saved> saved = open_saved(a);
  if (folder) folder->remove_abandoned();
  if (saved) {
    a.options = saved->checkpoint.options;
    find_teachers(a.options.distillation.teachers, given.options.distillation.teachers);
    a.limits = resumed_limits(a, saved->checkpoint.limits);
    if (a.limits.fit_seconds && saved->checkpoint.state.planned_steps == 0 && a.limits.seconds <= 0) {
      throw mien::ArgumentError("--resume " + a.resume +
                                ": stopped before it had planned how many steps fit its "
                                "--time-limit; give that again, or --steps or --epochs");
    }
    if (a.data.empty()) a.data = saved->checkpoint.data.path;
    a.classes = mien::data::ClassNumbers::parse(saved->checkpoint.data.classes);
    a.drop_leaks = saved->checkpoint.data.drop_leaks;
  }
  const std::filesystem::path out = out_folder(a);
  if (!folder && !a.dry_run)
    folder = std::make_unique<RunFolder>(out);  // before the work: it may not be writable

  const Dataset dataset = mien::data::open_dataset(a.data, a.classes);
  apps::require_numbered_classes(dataset, a.classes);
  std::vector<std::uint32_t> rows = training_rows(dataset, a, a.drop_leaks);
  const std::size_t row_count = rows.size();
  if (!saved) resolve_schedule(a.options, a.limits, row_count);
  mien::train::DataIdentity identity = mien::train::identify(dataset);
  identity.drop_leaks = a.drop_leaks;
  identity.classes = a.classes.words();
  if (saved && identity.sha256 != saved->checkpoint.data.sha256) {
    throw mien::DataError(a.data + ": not the data this run was trained on; a resumed run needs the same rows");
  }
  check_validation(a, dataset);

  auto owner = std::make_unique<Trainer>(a.options, dataset, std::move(rows), mien::data::class_names());
  Trainer& trainer = *owner;
  RunState state;
  if (!a.start.empty()) {
    const mien::model::ModelFile model = mien::model::read_model(std::filesystem::path(a.start));
    (void)mien::infer::Session(model);  // what is learned from has to be right
    trainer.start_from(model);
  }
  if (saved) {
    // Let go of when its values have been taken: it is as large as all that trains, and about to be replaced.
    const mien::model::SafetensorsFile file = std::move(saved->file);
    mien::train::restore(trainer, file);
    state = saved->checkpoint.state;
    // Who moves the end of a run that its patience has ended wants it to go on.
    const bool impatient = a.limits.patience > 0 && state.evaluations_without_gain >= a.limits.patience;
    if (impatient && (a.steps_given || a.epochs_given)) state.evaluations_without_gain = 0;
  }
  Progress progress(a.quiet, a.limits.last_step(trainer.steps_per_epoch()), trainer.steps_per_epoch());
  std::string notes = mien::data::to_text(mien::data::audit(dataset));
  for (const std::string& note : dataset.notes) notes += mien::printable(note) + "\n";
  progress.note(notes);
  if (a.dry_run) {
    print_plan(a, trainer, a.limits);
    return apps::kOk;
  }

  if (!saved) {
    folder->write_text("args.json", args_json(a, trainer, a.limits, dataset, row_count, identity));
    folder->write_samples(dataset, dataset.indices(Split::training), mien::data::class_names());
    folder->log(notes);
  } else {
    look_at_best(*folder, state);
    folder->log(resumed_line(a, trainer.steps_done()));
  }
  apps::watch_for_interrupt(apps::WaitingCalls::restart);
  Recorder recorder(*folder, progress, a.limits, identity);
  const std::vector<std::uint32_t> validation = dataset.indices(Split::public_test);
  const StopReason reason = logged(*folder, [&] {
    recorder.on_checkpoint(trainer, state);  // better to learn now that the disk is full
    try {
      return mien::train::run(trainer, state, validation, a.limits, recorder);
    } catch (const mien::DivergedError& error) {
      throw mien::DivergedError(error.what() + ("; " + after_divergence(out, a, recorder.checkpoint_step())));
    }
  });
  folder->log(reason_text(reason));
  progress.note(reason_text(reason));
  if (reason == StopReason::interrupted) {
    const std::string command = resume_command(out, a, state);
    folder->log(command);  // the terminal may be gone
    std::printf("%s\n", command.c_str());
    return apps::kInterrupted;
  }
  // The weights that are measured need not stand beside those of the last step and their moments.
  owner.reset();
  mien::release_cached_memory();
  const auto say = [&](const std::string& text) {
    folder->log(text);
    progress.note(text);
  };
  report(*folder, progress, dataset, state, a.onnx);
  std::fflush(stdout);  // what follows is to stand below
  if (reason == StopReason::time_limit) say("to go on: " + resume_command(out, a, state));
  if (std::filesystem::exists(folder->best())) say(next_steps(out, a, !validation.empty()));
  return apps::kOk;
}

}  // namespace fertrain
