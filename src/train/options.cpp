#include "mien/train/options.hpp"

#include <algorithm>
#include <filesystem>

#include "mien/core/error.hpp"
#include "mien/core/sha256.hpp"
#include "mien/model/graph.hpp"

namespace mien::train {
namespace {

// Below, the time that others save by not learning a layer's weights is about what sending its sums takes.
constexpr Index kLeastSharded = 1 << 22;
// A part of fewer rows makes slow products.
constexpr Index kLeastRows = 64;

using autograd::CrossEntropyOptions;

void make_best(TrainOptions& options) {
  options.augmentation = {.mirror = 0.5f,
                          .shift = 0.08f,
                          .rotate = 12,
                          .scale = 0.12f,
                          .brightness = 0.1f,
                          .contrast = 0.2f,
                          .gamma = 0.3f,
                          .blur = 1.5f,
                          .shrink = 20,
                          .noise = 14,
                          .jpeg = 30,
                          .erase = 0.2f};
  options.batch = 64;
  options.average = 0.999f;
  options.schedule.kind = optim::ScheduleKind::cosine;
  options.schedule.warmup_steps = 400;
  options.schedule.warmup_shrinks = true;
  if (model::has_layer<model::BatchNormSpec>(options.spec)) {
    options.initialization = nn::Scheme::he;
    optim::SgdOptions sgd = kNesterov;
    sgd.weight_decay = 5e-4f;
    options.optimizer = sgd;
    options.schedule.base = 0.05f;
    options.loss.label_smoothing = 0.1f;
  } else {
    options.initialization = nn::Scheme::xavier;
    options.optimizer = optim::AdamOptions{.weight_decay = 0.05f, .decoupled = true};
    options.schedule.base = 3e-4f;
    options.loss.label_smoothing = 0.05f;
  }
}

void make_faces(TrainOptions& options) {
  options.task = TaskKind::faces;
  options.model_name = "faces";
  options.per_image = image::PerImage::none;
  options.input_scale = 1.0f / 128;
  options.per_pixel = false;
  options.augmentation = {.mirror = 0.5f,
                          .rotate = 40,
                          .brightness = 0.15f,
                          .contrast = 0.3f,
                          .gamma = 0.3f,
                          .blur = 1.2f,
                          .noise = 14,
                          .jpeg = 30,
                          .degrade = 0.4f,
                          .erase = 0.2f};
  options.batch = 16;
  options.average = 0.998f;
  options.initialization = nn::Scheme::he;
  options.optimizer = optim::AdamOptions{.weight_decay = 0.01f, .decoupled = true};
  options.schedule.kind = optim::ScheduleKind::cosine;
  options.schedule.base = 3e-3f;
  options.schedule.warmup_steps = 300;
  options.schedule.warmup_shrinks = true;
}

// A canvas is one face, about as a network that finds faces places it, or none.
void make_points(TrainOptions& options) {
  make_faces(options);
  options.model_name = "points";
  options.canvas = 48;
  options.face_grid = {.stride = options.canvas, .face = 32, .least = 26, .most = 39};
  options.batch = 64;
}

// A short run that learns from its first steps on: the best recipe's rate and averages are made for long ones.
void make_few(TrainOptions& options) {
  options.augmentation = {.mirror = 0.5f, .shift = 0.1f, .channel_shift = 0.3f};
  options.batch = 32;
  options.schedule.base = 1e-3f;
}

}  // namespace

bool can_shard(const Shape& weights, Index parts) {
  return weights.rank() == 2 && parts > 1 && weights.size() >= kLeastSharded && weights[0] >= weights[1] &&
         weights[0] / parts >= kLeastRows;
}

bool can_shard(const TrainOptions& options) {
  const std::vector<model::ParameterSpec> parameters = model::parameters_of(model::plan(options.spec));
  return std::any_of(parameters.begin(), parameters.end(), [&](const model::ParameterSpec& parameter) {
    return can_shard(parameter.shape, options.parts);
  });
}

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
  if (name == "few") {
    make_few(options);
    return options;
  }
  if (name == "faces") {
    make_faces(options);
    return options;
  }
  if (name == "points") {
    make_points(options);
    return options;
  }
  throw ArgumentError("[recipe] expected paper, literal, literal-stable, best, few, faces or points, got `" +
                      name + "`");
}

Json to_json(const FileIdentity& file) {
  Json json;
  json.set("path", file.path).set("sha256", file.sha256);
  return json;
}

FileIdentity identify_file(const std::string& path) {
  return {.path = std::filesystem::absolute(path).lexically_normal().string(), .sha256 = sha256_file_hex(path)};
}

std::unique_ptr<optim::Optimizer> make_optimizer(const TrainOptions& options,
                                                 const std::vector<autograd::Parameter*>& parameters) {
  if (const auto* sgd = std::get_if<optim::SgdOptions>(&options.optimizer)) {
    return std::make_unique<optim::Sgd>(parameters, *sgd);
  }
  optim::AdamOptions adam = std::get<optim::AdamOptions>(options.optimizer);
  adam.seed = options.seed;
  return std::make_unique<optim::Adam>(parameters, adam);
}

}  // namespace mien::train
