#include "mien/train/options.hpp"

#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/sha256.hpp"
#include "mien/core/text.hpp"
#include "mien/optim/adam.hpp"
#include "mien/optim/sgd.hpp"
#include "train/json_fields.hpp"

namespace mien::train {
namespace {

using autograd::CrossEntropyOptions;

// One table a kind of name, read both ways.
template <typename T, std::size_t N>
using Names = std::array<std::pair<T, std::string_view>, N>;

constexpr Names<nn::Scheme, 3> kSchemes{
    {{nn::Scheme::he, "he"}, {nn::Scheme::xavier, "xavier"}, {nn::Scheme::paper, "paper"}}};
constexpr Names<OptimizerKind, 3> kOptimizers{
    {{OptimizerKind::adam, "adam"}, {OptimizerKind::adamw, "adamw"}, {OptimizerKind::sgd, "sgd"}}};
constexpr Names<optim::ScheduleKind, 4> kSchedules{{{optim::ScheduleKind::constant, "constant"},
                                                    {optim::ScheduleKind::step, "step"},
                                                    {optim::ScheduleKind::cosine, "cosine"},
                                                    {optim::ScheduleKind::plateau, "plateau"}}};
constexpr Names<Precision, 2> kPrecisions{{{Precision::f32, "f32"}, {Precision::bf16, "bf16"}}};
constexpr Names<CrossEntropyOptions::Reduction, 2> kReductions{
    {{CrossEntropyOptions::Reduction::mean, "mean"}, {CrossEntropyOptions::Reduction::sum, "sum"}}};
constexpr Names<CrossEntropyOptions::Form, 2> kForms{
    {{CrossEntropyOptions::Form::fused, "fused"}, {CrossEntropyOptions::Form::naive, "naive"}}};
constexpr Names<LossKind, 2> kLosses{{{LossKind::softmax, "softmax"}, {LossKind::l2svm, "l2svm"}}};
constexpr Names<ClassWeights, 2> kClassWeights{
    {{ClassWeights::none, "none"}, {ClassWeights::balanced, "balanced"}}};

template <typename T, std::size_t N>
std::string_view name_of(const Names<T, N>& names, T value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value) return name;
  }
  throw ArgumentError("[options] a value without a name");
}

template <typename T, std::size_t N>
T value_of(const Names<T, N>& names, std::string_view name, const std::string& where) {
  std::string known;
  for (const auto& [value, candidate] : names) {
    if (candidate == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(candidate);
  }
  throw ArgumentError(where + ": expected one of " + known + ", got `" + std::string(name) + "`");
}

Json schedule_to_json(const optim::ScheduleOptions& s) {
  Json json;
  json.set("kind", name_of(kSchedules, s.kind));
  json.set("base", shortest_decimal(s.base));
  json.set("warmup_steps", s.warmup_steps);
  json.set("warmup_shrinks", s.warmup_shrinks);
  json.set("total_steps", s.total_steps);
  json.set("steps_per_drop", s.steps_per_drop);
  json.set("factor", shortest_decimal(s.factor));
  json.set("patience", s.patience);
  json.set("minimum", shortest_decimal(s.minimum));
  return json;
}

float float_at(const Json& json, std::string_view key, const std::string& where) {
  return static_cast<float>(json.at(key, where).as_number(where));
}

std::uint64_t seed_of(const std::string& text, const std::string& where) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size()) throw DataError(where + ": seed is no number");
  return seed;
}

Json augmentation_to_json(const image::Augmentation& a) {
  Json json;
  for (const image::AugmentationLimit& limit : image::kAugmentationLimits) {
    json.set(limit.name, shortest_decimal(a.*limit.member));
  }
  return json;
}

// What a file does not name is left out: runs from before there was a choice had none.
image::Augmentation augmentation_from_json(const Json& json, const std::string& where) {
  image::Augmentation a;
  for (const image::AugmentationLimit& limit : image::kAugmentationLimits) {
    if (json.find(limit.name) != nullptr) a.*limit.member = float_at(json, limit.name, where);
  }
  return a;
}

Json mix_to_json(const data::MixOptions& mix) {
  Json json;
  json.set("mixup", shortest_decimal(mix.mixup));
  json.set("cutmix", shortest_decimal(mix.cutmix));
  json.set("until", shortest_decimal(mix.until));
  return json;
}

data::MixOptions mix_from_json(const Json& json, const std::string& where) {
  return {.mixup = float_at(json, "mixup", where),
          .cutmix = float_at(json, "cutmix", where),
          .until = float_at(json, "until", where)};
}

Json distillation_to_json(const Distillation& d) {
  Json teachers{Json::Array{}};
  for (const FileIdentity& teacher : d.teachers) teachers.append(to_json(teacher));
  Json json;
  json.set("teachers", std::move(teachers));
  json.set("weight", shortest_decimal(d.weight));
  json.set("temperature", shortest_decimal(d.temperature));
  return json;
}

Distillation distillation_from_json(const Json& json, const std::string& where) {
  Distillation d;
  for (const Json& file : json.at("teachers", where).as_array(where)) {
    d.teachers.push_back(
        {.path = file.at("path", where).as_string(where), .sha256 = file.at("sha256", where).as_string(where)});
  }
  d.weight = float_at(json, "weight", where);
  d.temperature = float_at(json, "temperature", where);
  return d;
}

// What a file does not name is as it was before there was a choice.
void read_objective(TrainOptions& o, const Json& json, const std::string& where) {
  if (const Json* kind = json.find("loss")) o.loss_kind = value_of(kLosses, kind->as_string(where), where);
  if (const Json* weights = json.find("class_weights")) {
    o.class_weights = value_of(kClassWeights, weights->as_string(where), where);
  }
  if (const Json* mix = json.find("mix")) o.mix = mix_from_json(*mix, where);
  if (const Json* d = json.find("distillation")) o.distillation = distillation_from_json(*d, where);
  if (const Json* guard = json.find("guard")) o.guard = guard->as_bool(where);
}

image::PerImage per_image_of(const std::string& name, const std::string& where) {
  if (const auto known = image::per_image_named(name)) return *known;
  throw ArgumentError(where + ": expected one of none, center, norm100, got `" + name + "`");
}

// Runs from before there was a choice were f32.
Precision precision_at(const Json& json, std::string_view key, const std::string& where) {
  const Json* name = json.find(key);
  return name == nullptr ? Precision::f32 : value_of(kPrecisions, name->as_string(where), where);
}

optim::ScheduleOptions schedule_from_json(const Json& json, const std::string& where) {
  optim::ScheduleOptions s;
  s.kind = value_of(kSchedules, json.at("kind", where).as_string(where), where);
  s.base = float_at(json, "base", where);
  s.warmup_steps = count_at(json, "warmup_steps", where);
  const Json* shrinks = json.find("warmup_shrinks");  // files from before it could have none
  s.warmup_shrinks = shrinks != nullptr && shrinks->as_bool(where);
  s.total_steps = count_at(json, "total_steps", where);
  s.steps_per_drop = count_at(json, "steps_per_drop", where);
  s.factor = float_at(json, "factor", where);
  s.patience = count_at(json, "patience", where);
  s.minimum = float_at(json, "minimum", where);
  return s;
}

void make_best(TrainOptions& options) {
  options.augmentation = {.mirror = 0.5f,
                          .shift = 0.08f,
                          .rotate = 12,
                          .scale = 0.12f,
                          .brightness = 0.1f,
                          .contrast = 0.2f,
                          .erase = 0.2f};
  options.batch = 64;
  options.average = 0.999f;
  options.schedule.kind = optim::ScheduleKind::cosine;
  options.schedule.warmup_steps = 400;
  options.schedule.warmup_shrinks = true;
  if (model::has_layer<model::BatchNormSpec>(options.spec)) {
    options.initialization = nn::Scheme::he;
    options.optimizer = OptimizerKind::sgd;
    options.schedule.base = 0.05f;
    options.weight_decay = 5e-4f;
    options.loss.label_smoothing = 0.1f;
  } else {
    options.initialization = nn::Scheme::xavier;
    options.optimizer = OptimizerKind::adamw;
    options.schedule.base = 3e-4f;
    options.weight_decay = 0.05f;
    options.loss.label_smoothing = 0.05f;
  }
}

}  // namespace

TrainOptions recipe(const std::string& name, const model::ModelSpec& spec) {
  TrainOptions options;
  options.spec = spec;
  if (name == "paper") return options;
  if (name == "literal" || name == "literal-stable") {
    options.initialization = nn::Scheme::paper;
    options.per_image = image::PerImage::center;
    options.input_scale = 100.0f / 255.0f;
    options.loss.reduction = CrossEntropyOptions::Reduction::sum;
    if (name == "literal") options.loss.form = CrossEntropyOptions::Form::naive;
    return options;
  }
  if (name == "best") {
    make_best(options);
    return options;
  }
  throw ArgumentError("[recipe] expected paper, literal, literal-stable or best, got `" + name + "`");
}

Json to_json(const TrainOptions& o) {
  Json json;
  json.set("model_name", o.model_name);
  json.set("spec", o.spec.to_text());
  json.set("initialization", name_of(kSchemes, o.initialization));
  json.set("per_image", to_string(o.per_image));
  json.set("input_scale", shortest_decimal(o.input_scale));
  json.set("per_pixel", o.per_pixel);
  json.set("augmentation", augmentation_to_json(o.augmentation));
  json.set("loss", name_of(kLosses, o.loss_kind));
  json.set("loss_reduction", name_of(kReductions, o.loss.reduction));
  json.set("loss_form", name_of(kForms, o.loss.form));
  json.set("label_smoothing", shortest_decimal(o.loss.label_smoothing));
  json.set("class_weights", name_of(kClassWeights, o.class_weights));
  json.set("mix", mix_to_json(o.mix));
  json.set("distillation", distillation_to_json(o.distillation));
  json.set("guard", o.guard);
  json.set("optimizer", name_of(kOptimizers, o.optimizer));
  json.set("momentum", shortest_decimal(o.momentum));
  json.set("nesterov", o.nesterov);
  json.set("weight_decay", shortest_decimal(o.weight_decay));
  json.set("schedule", schedule_to_json(o.schedule));
  json.set("precision", name_of(kPrecisions, o.precision));
  json.set("moments", name_of(kPrecisions, o.moments));
  json.set("average", shortest_decimal(o.average));
  json.set("batch", o.batch);
  json.set("seed", std::to_string(o.seed));  // as text: JSON integers stop short of 64 unsigned bits
  return json;
}

TrainOptions train_options_from_json(const Json& json, const std::string& where) {
  TrainOptions o;
  o.model_name = json.at("model_name", where).as_string(where);
  o.spec = model::ModelSpec::from_text(json.at("spec", where).as_string(where), where + ": spec");
  o.initialization = value_of(kSchemes, json.at("initialization", where).as_string(where), where);
  o.per_image = per_image_of(json.at("per_image", where).as_string(where), where);
  o.input_scale = float_at(json, "input_scale", where);
  o.per_pixel = json.at("per_pixel", where).as_bool(where);
  if (const Json* a = json.find("augmentation")) o.augmentation = augmentation_from_json(*a, where);
  o.loss.reduction = value_of(kReductions, json.at("loss_reduction", where).as_string(where), where);
  o.loss.form = value_of(kForms, json.at("loss_form", where).as_string(where), where);
  o.loss.label_smoothing = float_at(json, "label_smoothing", where);
  read_objective(o, json, where);
  o.optimizer = value_of(kOptimizers, json.at("optimizer", where).as_string(where), where);
  o.momentum = float_at(json, "momentum", where);
  o.nesterov = json.at("nesterov", where).as_bool(where);
  o.weight_decay = float_at(json, "weight_decay", where);
  o.schedule = schedule_from_json(json.at("schedule", where), where);
  o.precision = precision_at(json, "precision", where);
  o.moments = precision_at(json, "moments", where);
  if (json.find("average") != nullptr) o.average = float_at(json, "average", where);
  o.batch = json.at("batch", where).as_integer(where);
  o.seed = seed_of(json.at("seed", where).as_string(where), where);
  return o;
}

Json to_json(const FileIdentity& file) {
  Json json;
  json.set("path", file.path).set("sha256", file.sha256);
  return json;
}

FileIdentity identify_file(const std::string& path) {
  return {.path = std::filesystem::absolute(path).lexically_normal().string(), .sha256 = sha256_file_hex(path)};
}

LossKind loss_kind(const std::string& name) {
  return value_of(kLosses, name, "[loss]");
}

ClassWeights class_weights(const std::string& name) {
  return value_of(kClassWeights, name, "[class weights]");
}

OptimizerKind optimizer_kind(const std::string& name) {
  return value_of(kOptimizers, name, "[optimizer]");
}

nn::Scheme initialization_scheme(const std::string& name) {
  return value_of(kSchemes, name, "[initialization]");
}

image::PerImage per_image(const std::string& name) {
  return per_image_of(name, "[per_image]");
}

Precision precision(const std::string& name) {
  return value_of(kPrecisions, name, "[precision]");
}

optim::ScheduleKind schedule_kind(const std::string& name) {
  return value_of(kSchedules, name, "[schedule]");
}

std::unique_ptr<optim::Optimizer> make_optimizer(const TrainOptions& options,
                                                 const std::vector<autograd::Parameter*>& parameters) {
  if (options.optimizer == OptimizerKind::sgd) {
    return std::make_unique<optim::Sgd>(parameters, optim::SgdOptions{.momentum = options.momentum,
                                                                      .nesterov = options.nesterov,
                                                                      .weight_decay = options.weight_decay});
  }
  optim::AdamOptions adam;
  adam.weight_decay = options.weight_decay;
  adam.decoupled = options.optimizer == OptimizerKind::adamw;
  adam.moments = options.moments;
  adam.seed = options.seed;
  return std::make_unique<optim::Adam>(parameters, adam);
}

}  // namespace mien::train
