#include "objective_arguments.hpp"

#include "common/given.hpp"
#include "common/named_model.hpp"
#include "common/number_range.hpp"

namespace fertrain {

using apps::given;

void add_objective_options(CLI::App& app, ObjectiveArguments& a) {
  app.add_option("--loss", a.loss, "softmax: cross-entropy; l2svm: squared hinge, one class against the rest")
      ->check(CLI::IsMember({"softmax", "l2svm"}))
      ->capture_default_str();
  app.add_option("--class-weights", a.class_weights,
                 "balanced: each class weighs the same, however many rows it has")
      ->check(CLI::IsMember({"none", "balanced"}))
      ->capture_default_str();
  app.add_option("--mixup", a.mixup, "Blend images and labels in pairs, shares from Beta(ALPHA, ALPHA); 0: no")
      ->check(apps::number_range(0.0, 100.0))
      ->type_name("ALPHA")
      ->capture_default_str();
  app.add_option("--cutmix", a.cutmix,
                 "Put a rectangle of one image into another; 0: no. With --mixup every other batch")
      ->check(apps::number_range(0.0, 100.0))
      ->type_name("ALPHA")
      ->capture_default_str();
  app.add_option("--mix-until", a.mix_until, "Share of the run after which --mixup and --cutmix stop")
      ->check(apps::number_range(0.0, 1.0))
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--teacher", a.teachers,
                 "A model to learn from, too (what ferpredict's --model takes); given again: from the mean of "
                 "all. With "
                 "--resume: where one is now")
      ->check(apps::not_empty())
      ->type_name("MODEL")
      ->allow_extra_args(false);
  app.add_option("--distill-weight", a.distill_weight, "Share of the loss that is about the teachers")
      ->check(apps::number_range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--distill-temperature", a.distill_temperature,
                 "What logits are divided by where student and teachers are compared")
      ->check(apps::number_range(0.01, 1000.0))
      ->capture_default_str();
  app.add_option("--guard", a.guard,
                 "off: go on, for demonstration, when the loss, a gradient or what they lead to is not finite")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
}

void resolve_objective(const CLI::App& app, const ObjectiveArguments& a, mien::train::TrainOptions& options) {
  if (given(app, "--loss")) options.loss_kind = mien::train::loss_kind(a.loss);
  if (given(app, "--class-weights")) options.class_weights = mien::train::class_weights(a.class_weights);
  if (given(app, "--mixup")) options.mix.mixup = a.mixup;
  if (given(app, "--cutmix")) options.mix.cutmix = a.cutmix;
  if (given(app, "--mix-until")) options.mix.until = a.mix_until;
  if (given(app, "--guard")) options.guard = a.guard == "on";
  for (const std::string& teacher : a.teachers) {
    options.distillation.teachers.push_back(mien::train::identify_file(apps::model_file(teacher)));
  }
  if (given(app, "--distill-weight")) options.distillation.weight = a.distill_weight;
  if (given(app, "--distill-temperature")) options.distillation.temperature = a.distill_temperature;
}

void check_objective(const CLI::App& app, const mien::train::TrainOptions& options) {
  const bool mixes = options.mix.mixup != 0.0f || options.mix.cutmix != 0.0f;
  const bool taught = !options.distillation.teachers.empty();
  const apps::Needs needs[] = {{"--mix-until", mixes, "--mixup or --cutmix"},
                               {"--distill-weight", taught, "--teacher"},
                               {"--distill-temperature", taught, "--teacher"}};
  apps::require_needed(app, needs);
}

}  // namespace fertrain
