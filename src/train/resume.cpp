#include "mien/train/resume.hpp"

#include <utility>

#include "mien/core/error.hpp"

namespace mien::train {
namespace {

void find_teachers(std::vector<FileIdentity>& teachers, const std::vector<FileIdentity>& moved) {
  for (const FileIdentity& file : moved) {
    bool known = false;
    for (FileIdentity& teacher : teachers) {
      if (teacher.sha256 != file.sha256) continue;
      teacher.path = file.path;
      known = true;
    }
    if (!known) throw ArgumentError("--teacher " + file.path + ": not a teacher of the run being resumed");
  }
}

DataIdentity same(const DataIdentity& saved, DataIdentity now, const std::string& source) {
  if (now.sha256 != saved.sha256) {
    throw DataError(source + ": not the data this run was trained on; a resumed run needs the same rows");
  }
  now.drop_leaks = saved.drop_leaks;
  now.classes = saved.classes;
  now.any = saved.any;
  now.form = saved.form;
  now.votes = saved.votes;
  return now;
}

}  // namespace

Checkpoint resumed(Checkpoint saved, const ResumeOptions& asked, const std::string& where) {
  find_teachers(saved.options.distillation.teachers, asked.teachers);
  saved.limits = resumed_limits(asked.limits, saved.limits);
  const RunLimits& limits = saved.limits;
  if (limits.fit_seconds && saved.state.planned_steps == 0 && limits.seconds <= 0) {
    throw ArgumentError(where +
                        ": stopped before it had planned how many steps fit its --time-limit; give that again, "
                        "or --steps or --epochs");
  }
  // Who moves the end of a run that its patience has ended wants it to go on.
  const bool moved = asked.limits.steps || asked.limits.epochs;
  std::uint64_t& stale = saved.state.evaluations_without_gain;
  if (moved && limits.patience > 0 && stale >= limits.patience) stale = 0;
  return saved;
}

DataIdentity same_data(const DataIdentity& saved, const data::Dataset& dataset) {
  return same(saved, identify(dataset), dataset.source);
}

DataIdentity same_data(const DataIdentity& saved, const data::FacePhotos& photos) {
  return same(saved, identify(photos), photos.source);
}

RowChoice resumed_rows(const DataIdentity& saved) {
  return {.drop_leaks = saved.drop_leaks, .allow_absent_classes = true};
}

}  // namespace mien::train
