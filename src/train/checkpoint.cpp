#include "mien/train/checkpoint.hpp"

#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/sha256.hpp"
#include "mien/core/text.hpp"
#include "ops/ops.hpp"
#include "train/json_fields.hpp"

namespace mien::train {
namespace {

constexpr const char* kNote = "checkpoint";
constexpr const char* kPrefix = "checkpoint.";
constexpr const char* kAveragePrefix = "checkpoint.average.";
constexpr std::int64_t kVersion = 1;

double number_of(const Json& json, const std::string& where) {
  return json.is_null() ? MetricRow::kNone : json.as_number(where);
}

// The columns of a history row, in the order in which they are written.
Json row_to_json(const MetricRow& row) {
  return Json(Json::Array{Json(row.step), Json(row.epoch), finite_or_null(row.train_loss),
                          finite_or_null(row.train_accuracy), finite_or_null(row.validation_loss),
                          finite_or_null(row.validation_accuracy), Json(row.learning_rate),
                          finite_or_null(row.images_per_second), Json(row.seconds)});
}

MetricRow row_from_json(const Json& json, const std::string& where) {
  const Json::Array& columns = json.as_array(where);
  if (columns.size() != 9)
    throw DataError(where + ": a history row has " + std::to_string(columns.size()) + " columns");
  MetricRow row;
  row.step = static_cast<std::uint64_t>(columns[0].as_integer(where));
  row.epoch = columns[1].as_number(where);
  row.train_loss = number_of(columns[2], where);
  row.train_accuracy = number_of(columns[3], where);
  row.validation_loss = number_of(columns[4], where);
  row.validation_accuracy = number_of(columns[5], where);
  row.learning_rate = columns[6].as_number(where);
  row.images_per_second = number_of(columns[7], where);
  row.seconds = columns[8].as_number(where);
  return row;
}

Json state_to_json(const RunState& state) {
  Json history{Json::Array{}};
  for (const MetricRow& row : state.history) history.append(row_to_json(row));
  Json json;
  json.set("history", std::move(history));
  json.set("best_accuracy", state.best_accuracy);
  json.set("best_regular_accuracy", state.best_regular_accuracy);
  json.set("best_step", state.best_step);
  json.set("evaluations_without_gain", state.evaluations_without_gain);
  json.set("seconds", state.seconds);
  json.set("planned_steps", state.planned_steps);
  json.set("loss_sum", finite_or_null(state.loss_sum));
  json.set("correct", state.correct);
  json.set("asked", state.asked);
  json.set("images", state.images);
  json.set("training_seconds", state.training_seconds);
  return json;
}

RunState state_from_json(const Json& json, const std::string& where) {
  RunState state;
  for (const Json& row : json.at("history", where).as_array(where)) {
    state.history.push_back(row_from_json(row, where));
  }
  state.best_accuracy = json.at("best_accuracy", where).as_number(where);
  const Json* regular = json.find("best_regular_accuracy");  // files from before it was told apart have none
  state.best_regular_accuracy = regular != nullptr ? regular->as_number(where) : state.best_accuracy;
  state.best_step = count_at(json, "best_step", where);
  state.evaluations_without_gain = count_at(json, "evaluations_without_gain", where);
  state.seconds = json.at("seconds", where).as_number(where);
  if (json.find("planned_steps") != nullptr) state.planned_steps = count_at(json, "planned_steps", where);
  state.loss_sum = number_of(json.at("loss_sum", where), where);
  state.correct = json.at("correct", where).as_integer(where);
  state.images = json.at("images", where).as_integer(where);
  // Files from before it was told apart have none.
  const Json* asked = json.find("asked");
  state.asked = asked != nullptr ? asked->as_integer(where) : state.images;
  state.training_seconds = json.at("training_seconds", where).as_number(where);
  return state;
}

RunLimits limits_from_json(const Json& json, const std::string& where) {
  const auto count = [&](const char* key) { return count_at(json, key, where); };
  return {.steps = count("steps"),
          .epochs = count("epochs"),
          .seconds = json.at("seconds", where).as_number(where),
          .patience = count("patience"),
          .eval_every = count("eval_every"),
          .fit_seconds = json.find("fit_seconds") != nullptr && json.at("fit_seconds", where).as_bool(where)};
}

Json form_to_json(const data::PictureForm& form) {
  return Json(Json::Array{Json(form.channels), Json(form.height), Json(form.width)});
}

data::PictureForm form_from_json(const Json& json, const std::string& where) {
  const Json::Array& extents = json.as_array(where);
  if (extents.size() != 3) throw DataError(where + ": pictures have channels, height and width");
  return {.height = extents[1].as_integer(where),
          .width = extents[2].as_integer(where),
          .channels = extents[0].as_integer(where)};
}

// Only where data were read so.
void read_pictures_from_json(DataIdentity& data, const Json& json, const std::string& where) {
  const Json* form = json.find("pictures");
  if (form == nullptr) return;
  data.any = true;
  data.form = form_from_json(*form, where);
}

// Files from before there was such an option have none.
std::vector<std::string> classes_from_json(const Json& json, const std::string& where) {
  std::vector<std::string> classes;
  if (json.find("classes") == nullptr) return classes;
  for (const Json& name : json.at("classes", where).as_array(where)) classes.push_back(name.as_string(where));
  return classes;
}

Json read_note(const model::SafetensorsFile& file) {
  const std::string where = file.path().string();
  const std::string* note = model::find_note(file, kNote);
  if (note == nullptr) throw DataError(where + ": holds weights only, no checkpoint to resume from");
  constexpr std::size_t kMostValues = std::size_t{1} << 27;  // a row of the history is ten
  Json json = parse_json(*note, where + ": checkpoint", {.max_values = kMostValues});
  if (json.at("version", where).as_integer(where) != kVersion) {
    throw DataError(where + ": a checkpoint of another version");
  }
  return json;
}

Tensor read_tensor(const Shape& expected, const model::SafetensorsFile& file, const std::string& name) {
  const Tensor saved = file.tensor(name);
  if (saved.shape() != expected) {
    throw DataError(file.path().string() + ": tensor " + name + " is " + saved.shape().to_string() +
                    ", expected " + expected.to_string());
  }
  if (!ops::all_finite(saved.data(), saved.size())) {
    throw DataError(file.path().string() + ": tensor " + name + " holds NaN or infinity");
  }
  return saved;
}

}  // namespace

Json to_json(const RunLimits& limits) {
  Json json;
  json.set("steps", limits.steps);
  json.set("epochs", limits.epochs);
  json.set("seconds", limits.seconds);
  json.set("patience", limits.patience);
  json.set("eval_every", limits.eval_every);
  json.set("fit_seconds", limits.fit_seconds);
  return json;
}

DataIdentity identify(const data::Dataset& dataset) {
  Sha256 hash;
  hash.update(Shape{dataset.size(), dataset.height, dataset.width}.to_string());
  // Runs from before there were others know the hash of gray images of FER2013's classes.
  if (dataset.channels != 1) hash.update(dataset.image_shape().to_string());
  if (dataset.classes != data::class_names()) hash.update(join(dataset.classes, "\n"));
  hash.update(std::as_bytes(std::span(dataset.pixels)));
  hash.update(std::as_bytes(std::span(dataset.labels)));
  hash.update(std::as_bytes(std::span(dataset.splits)));
  hash.update(std::as_bytes(std::span(dataset.targets)));
  return {.path = std::filesystem::absolute(dataset.source).string(),
          .sha256 = to_hex(hash.finish()),
          .drop_leaks = false};
}

DataIdentity identify(const data::FacePhotos& photos) {
  Sha256 hash;
  for (const data::FacePhoto& photo : photos.photos) {
    hash.update(photo.name + " " + Shape{photo.image.width, photo.image.height}.to_string());
    hash.update(std::as_bytes(std::span(photo.image.pixels)));
    for (const data::MarkedFace& face : photo.faces) {
      const float box[] = {face.left, face.top, face.right, face.bottom};
      hash.update(std::as_bytes(std::span(box)));
      // What is not marked is NaN, of which there are many.
      for (const data::PhotoPoint& point : face.points) {
        const float place[] = {point.marked() ? point.x : -1e9f, point.marked() ? point.y : -1e9f};
        hash.update(std::as_bytes(std::span(place)));
      }
    }
  }
  return {.path = std::filesystem::absolute(photos.source).string(),
          .sha256 = to_hex(hash.finish()),
          .drop_leaks = false};
}

void write_checkpoint(const std::filesystem::path& path, Trainer& trainer, const RunState& state,
                      const RunLimits& limits, const DataIdentity& data) {
  const optim::Schedule::State& schedule = trainer.schedule().state();
  Json json;
  json.set("version", kVersion);
  json.set("options", to_json(trainer.options()));
  json.set("steps", trainer.steps_done());
  json.set("schedule_best", schedule.best);
  json.set("schedule_stale", schedule.stale);
  json.set("schedule_drops", schedule.drops);
  json.set("state", state_to_json(state));
  json.set("limits", to_json(limits));
  json.set("data_path", data.path);
  json.set("data_sha256", data.sha256);
  json.set("drop_leaks", data.drop_leaks);
  json.set("classes", Json::Array(data.classes.begin(), data.classes.end()));
  if (data.any) json.set("pictures", form_to_json(data.form));
  if (!data.votes.empty()) json.set("votes", data.votes);

  model::ModelFile model = trainer.snapshot(Trainer::Weights::current);
  model.notes[kNote] = to_json(json);
  std::vector<model::Weight> extra;
  for (const auto& [name, moment] : trainer.optimizer().moments()) {
    const EncodedTensor encoded = moment->encoded();
    extra.push_back({kPrefix + name, encoded.defined() ? Tensor() : moment->tensor(), encoded});
  }
  if (optim::WeightAverage* average = trainer.average()) {
    for (std::size_t i = 0; i < model.weights.size(); ++i) {
      extra.push_back({kAveragePrefix + model.weights[i].name, average->values()[i], {}});
    }
  }
  model::write_model(path, model, extra);
}

Checkpoint read_checkpoint(const model::SafetensorsFile& file) {
  const std::string where = file.path().string();
  const Json json = read_note(file);
  Checkpoint saved{.options = train_options_from_json(json.at("options", where), where),
                   .state = state_from_json(json.at("state", where), where),
                   .limits = limits_from_json(json.at("limits", where), where),
                   .data = {.path = json.at("data_path", where).as_string(where),
                            .sha256 = json.at("data_sha256", where).as_string(where),
                            .drop_leaks = json.at("drop_leaks", where).as_bool(where),
                            .classes = classes_from_json(json, where)}};
  read_pictures_from_json(saved.data, json, where);
  if (json.find("votes") != nullptr) saved.data.votes = json.at("votes", where).as_string(where);
  return saved;
}

void restore(Trainer& trainer, const model::SafetensorsFile& file) {
  const std::string where = file.path().string();
  const Json json = read_note(file);
  // A run that was started from a model has its.
  trainer.set_normalization(model::read_model(file, model::kNoModelLimits).normalization);
  for (autograd::Parameter* parameter : trainer.parameters()) {
    parameter->value.copy_from(read_tensor(parameter->value.shape(), file, parameter->name));
  }
  for (const auto& [name, moment] : trainer.optimizer().moments()) {
    trainer.optimizer().set_state(name, read_tensor(moment->shape(), file, kPrefix + name));
  }
  if (optim::WeightAverage* average = trainer.average()) {
    for (std::size_t i = 0; i < trainer.parameters().size(); ++i) {
      Tensor& value = average->values()[i];
      value.copy_from(read_tensor(value.shape(), file, kAveragePrefix + trainer.parameters()[i]->name));
    }
  }
  trainer.optimizer().set_steps(count_at(json, "steps", where));
  trainer.schedule().set_state({.best = json.at("schedule_best", where).as_number(where),
                                .stale = count_at(json, "schedule_stale", where),
                                .drops = count_at(json, "schedule_drops", where)});
}

}  // namespace mien::train
