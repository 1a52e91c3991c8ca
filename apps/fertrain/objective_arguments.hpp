// The part of fertrain's command line about what is made small: loss, mixtures, teachers.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "mien/train/options.hpp"

namespace fertrain {

/// As CLI11 fills them.
struct ObjectiveArguments {
  std::string loss = "softmax";
  std::string class_weights = "none";
  std::string guard = "on";
  std::vector<std::string> teachers;
  float mixup = 0.0f;
  float cutmix = 0.0f;
  float mix_until = 1.0f;
  float distill_weight = 0.7f;
  float distill_temperature = 4.0f;
};

/// All of them but --teacher, which then says where a teacher is now.
inline constexpr const char* kFixedObjectiveOptions[] = {
    "--loss",           "--class-weights",       "--mixup", "--cutmix", "--mix-until",
    "--distill-weight", "--distill-temperature", "--guard"};

void add_objective_options(CLI::App& app, ObjectiveArguments& arguments);

/// What the command line gives goes before what a recipe has put into `options`. Throws mien::DataError for a
/// teacher's file that cannot be read.
void resolve_objective(const CLI::App& app, const ObjectiveArguments& arguments,
                       mien::train::TrainOptions& options);

/// Throws mien::ArgumentError for options that would have no effect.
void check_objective(const CLI::App& app, const mien::train::TrainOptions& options);

}  // namespace fertrain
