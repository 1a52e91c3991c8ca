#include "saved_run.hpp"

#include <utility>

#include "mien/core/error.hpp"
#include "mien/train/resume.hpp"

namespace fertrain {
namespace {

std::filesystem::path checkpoint_of(const Arguments& a) {
  return std::filesystem::path(a.resume) / "last.safetensors";
}

}  // namespace

std::unique_ptr<mien::train::RunFolder> lock_saved(const Arguments& a) {
  if (a.resume.empty() || a.dry_run || !std::filesystem::exists(checkpoint_of(a))) return nullptr;
  return std::make_unique<mien::train::RunFolder>(a.resume);
}

std::optional<SavedRun> take_over_saved(Arguments& a) {
  if (a.resume.empty()) return std::nullopt;
  auto file = mien::model::SafetensorsFile::open(checkpoint_of(a));
  mien::train::Checkpoint saved = mien::train::resumed(
      mien::train::read_checkpoint(file), {.limits = a.asked, .teachers = a.options.distillation.teachers},
      "--resume " + a.resume);
  a.options = saved.options;
  a.limits = saved.limits;
  const bool faces = saved.options.task == mien::train::TaskKind::faces;
  const std::string& other = faces ? a.data : a.faces;
  if (!other.empty()) {
    throw mien::ArgumentError(std::string(faces ? "--csv" : "--faces") + ": the run being resumed is on " +
                              (faces ? "photos, --faces" : "images of faces, --csv"));
  }
  std::string& path = faces ? a.faces : a.data;
  if (path.empty()) path = saved.data.path;
  a.any = saved.data.any;
  a.form = saved.data.form;
  if (!a.votes.empty() && saved.data.votes.empty()) {
    throw mien::ArgumentError("--labels: the run being resumed learns the labels of --csv");
  }
  if (a.votes.empty()) a.votes = saved.data.votes;
  a.classes = a.any ? mien::data::ClassNumbers::parse_any(saved.data.classes)
                    : mien::data::ClassNumbers::parse(saved.data.classes);
  a.rows = mien::train::resumed_rows(saved.data);
  return SavedRun{std::move(file), std::move(saved)};
}

}  // namespace fertrain
