#include "mien/train/option_rows.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/train/limits.hpp"

namespace mien::train {
namespace {

constexpr double kLargest = std::numeric_limits<float>::max();
constexpr double kMostSteps{RunLimits::kMostSteps};

struct Field : OptionRow {
  bool later = false;   // files from before there was such a choice do not name it
  bool written = true;  // false: as by default, and new, so that files stay as they were
  std::function<Json()> get = {};
  std::function<void(const Json&, const std::string& where)> set = {};
};

template <typename T>
using Names = std::vector<std::pair<T, std::string_view>>;

// What a file says of each type, both ways.
template <typename T>
Json to_value(const T& value) {
  return value;
}
Json to_value(float value) {
  return shortest_decimal(value);
}
Json to_value(const model::ModelSpec& spec) {
  return spec.to_text();
}
Json to_value(const std::vector<FileIdentity>& files) {
  Json json{Json::Array{}};
  for (const FileIdentity& file : files) json.append(to_json(file));
  return json;
}

void from_value(float& value, const Json& json, const std::string& where) {
  value = static_cast<float>(json.as_number(where));
}
void from_value(bool& value, const Json& json, const std::string& where) {
  value = json.as_bool(where);
}
void from_value(Index& value, const Json& json, const std::string& where) {
  value = json.as_integer(where);
}
void from_value(std::uint64_t& value, const Json& json, const std::string& where) {
  if (json.as_integer(where) < 0) throw DataError(where + " is negative");
  value = static_cast<std::uint64_t>(json.as_integer(where));
}
void from_value(std::string& value, const Json& json, const std::string& where) {
  value = json.as_string(where);
}
void from_value(model::ModelSpec& spec, const Json& json, const std::string& where) {
  spec = model::ModelSpec::from_text(json.as_string(where), where);
}
void from_value(std::vector<FileIdentity>& files, const Json& json, const std::string& where) {
  for (const Json& file : json.as_array(where)) {
    const auto text = [&](const char* key) { return file.at(key, where).as_string(where); };
    files.push_back({.path = text("path"), .sha256 = text("sha256")});
  }
}

// The options one by one, each told in one place: how files and command lines call it, what it may be, and
// where it is kept. A key that ends in ? is of a choice that there was not always.
class Fields {
 public:
  explicit Fields(const TrainOptions& options) : options_(options) {
    add_input(options_);
    add_faces(options_);
    add_objective(options_);
    add_optimizer();
    add_schedule(options_.schedule);
    add_rest(options_);
  }
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  const std::vector<Field>& all() const { return fields_; }
  /// With what was set.
  TrainOptions options() const;

 private:
  void add_input(TrainOptions& o);
  void add_faces(TrainOptions& o);
  void add_objective(TrainOptions& o);
  void add_optimizer();
  void add_schedule(optim::ScheduleOptions& s);
  void add_rest(TrainOptions& o);

  Field& add(OptionRow row) {
    Field& field = fields_.emplace_back(Field{std::move(row)});
    field.later = field.key.ends_with('?');
    if (field.later) field.key.pop_back();
    return field;
  }

  template <typename T>
  Field& add(OptionRow row, T& value) {
    Field& field = add(std::move(row));
    field.get = [&value] { return to_value(value); };
    field.set = [&value](const Json& json, const std::string& where) { from_value(value, json, where); };
    const Json::Kind kind = field.get().kind();
    if (kind == Json::Kind::boolean) field.words = {"on", "off"};
    if (kind == Json::Kind::number) field.kind = OptionRow::Kind::number;
    if (kind == Json::Kind::integer) {
      field.kind = OptionRow::Kind::count;
      field.most = std::min(field.most, kMostSteps);
    }
    return field;
  }

  // All values of an enumeration, with their names.
  template <typename T>
  void add(OptionRow row, T& value, const Names<T>& names) {
    Field& field = add(std::move(row));
    for (const auto& [_, name] : names) field.words.emplace_back(name);
    field.get = [&value, names] {
      const auto is_it = [&](const auto& candidate) { return candidate.first == value; };
      const auto found = std::find_if(names.begin(), names.end(), is_it);
      if (found == names.end()) throw ArgumentError("[options] a value without a name");
      return Json(found->second);
    };
    field.set = [&value, names, words = field.words](const Json& json, const std::string& where) {
      const std::string& text = json.as_string(where);
      const auto is_it = [&](const auto& candidate) { return candidate.second == text; };
      const auto found = std::find_if(names.begin(), names.end(), is_it);
      if (found == names.end()) {
        throw ArgumentError(where + ": expected one of " + join(words, ", ") + ", got `" + text + "`");
      }
      value = found->first;
    };
  }

  TrainOptions options_;
  // Files tell the options of every optimizer; of those not in use what is so by default.
  enum class Optimizer { adam, adamw, sgd };
  Optimizer optimizer_ = Optimizer::adam;
  float weight_decay_ = 0;
  optim::AdamOptions adam_ = {};
  optim::SgdOptions sgd_ = kNesterov;
  std::vector<Field> fields_ = {};
};

void Fields::add_input(TrainOptions& o) {
  add({"task?"}, o.task, Names<TaskKind>{{TaskKind::expressions, "expressions"}, {TaskKind::faces, "faces"}});
  fields_.back().written = o.task != TaskKind::expressions;
  add({"model_name"}, o.model_name);
  add({"spec"}, o.spec);
  using nn::Scheme;
  add({"initialization", "--init", "How weights start (paper: as in the printed code)"}, o.initialization,
      Names<Scheme>{{Scheme::he, "he"}, {Scheme::xavier, "xavier"}, {Scheme::paper, "paper"}});
  Names<image::PerImage> ways;
  for (const auto way : {image::PerImage::none, image::PerImage::center, image::PerImage::norm100}) {
    ways.emplace_back(way, to_string(way));
  }
  add({"per_image", "--per-image",
       "How each image is prepared: none: as it is; center: less its mean; norm100: also scaled to a norm of "
       "100. Stored with the model"},
      o.per_image, ways);
  add({"input_scale", "", "", -kLargest}, o.input_scale);
  add({"per_pixel", "--per-pixel", "Whether each pixel is then standardized over the Training rows"},
      o.per_pixel);
  for (const image::AugmentationLimit& limit : image::kAugmentationLimits) {
    const std::string name(limit.name), meaning(limit.meaning);
    std::string flag = "--" + name;
    std::replace(flag.begin(), flag.end(), '_', '-');
    add({"augmentation." + name + "?", flag, "Augment: " + meaning, 0, double{limit.most}},
        o.augmentation.*limit.member);
  }
}

void Fields::add_faces(TrainOptions& o) {
  const bool written = o.task == TaskKind::faces;
  add({"faces.stride?"}, o.face_grid.stride).written = written;
  add({"faces.face?"}, o.face_grid.face).written = written;
  add({"faces.least?"}, o.face_grid.least).written = written;
  add({"faces.most?"}, o.face_grid.most).written = written;
  add({"faces.min_score?"}, o.face_grid.min_score).written = written;
  add({"faces.canvas?"}, o.canvas).written = written;
}

void Fields::add_objective(TrainOptions& o) {
  using Reduction = autograd::CrossEntropyOptions::Reduction;
  using Form = autograd::CrossEntropyOptions::Form;
  add({"loss?", "--loss", "softmax: cross-entropy; l2svm: squared hinge, one class against the rest"},
      o.loss_kind, Names<LossKind>{{LossKind::softmax, "softmax"}, {LossKind::l2svm, "l2svm"}});
  add({"loss_reduction"}, o.loss.reduction,
      Names<Reduction>{{Reduction::mean, "mean"}, {Reduction::sum, "sum"}});
  add({"loss_form"}, o.loss.form, Names<Form>{{Form::fused, "fused"}, {Form::naive, "naive"}});
  add({"label_smoothing", "--label-smoothing", "Share of the target spread over all classes", 0, 0.9},
      o.loss.label_smoothing);
  add({"class_weights?", "--class-weights", "balanced: each class weighs the same, however many rows it has"},
      o.class_weights, Names<ClassWeights>{{ClassWeights::none, "none"}, {ClassWeights::balanced, "balanced"}});
  add({"mix.mixup?", "--mixup", "Blend images and labels in pairs, shares from Beta(ALPHA, ALPHA); 0: no", 0,
       100, "ALPHA"},
      o.mix.mixup);
  add({"mix.cutmix?", "--cutmix",
       "Put a rectangle of one image into another; 0: no. With --mixup every other batch", 0, 100, "ALPHA"},
      o.mix.cutmix);
  add({"mix.until?", "--mix-until", "Share of the run after which --mixup and --cutmix stop", 0, 1, "SHARE"},
      o.mix.until);
  Distillation& d = o.distillation;
  add({"distillation.teachers?"}, d.teachers);
  add({"distillation.weight?", "--distill-weight", "Share of the loss that is about the teachers", 0, 1},
      d.weight);
  add({"distillation.temperature?", "--distill-temperature",
       "What logits are divided by where student and teachers are compared", 0.01, 1000},
      d.temperature);
  constexpr double kMostViews = 1024;
  add({"distillation.views?", "--teacher-views",
       "Show each image in N ways only, in turn, and ask teachers once about each; 0: ever new ways", 0,
       kMostViews, "N"},
      d.views)
      .written = d.views > 0;
  add({"guard?", "--guard",
       "off: go on, for demonstration, when the loss, a gradient or what they lead to is not finite"},
      o.guard);
}

void Fields::add_optimizer() {
  if (const auto* sgd = std::get_if<optim::SgdOptions>(&options_.optimizer)) {
    optimizer_ = Optimizer::sgd;
    sgd_ = *sgd;
    weight_decay_ = sgd->weight_decay;
  } else {
    adam_ = std::get<optim::AdamOptions>(options_.optimizer);
    optimizer_ = adam_.decoupled ? Optimizer::adamw : Optimizer::adam;
    weight_decay_ = adam_.weight_decay;
  }
  add({"optimizer", "--optimizer", "How weights are updated"}, optimizer_,
      Names<Optimizer>{{Optimizer::adam, "adam"}, {Optimizer::adamw, "adamw"}, {Optimizer::sgd, "sgd"}});
  add({"momentum", "--momentum", "sgd: Nesterov momentum", 0, 0.999}, sgd_.momentum);
  add({"nesterov"}, sgd_.nesterov);
  add({"weight_decay", "--weight-decay", "Of weight matrices and filters"}, weight_decay_);
  const optim::AdamOptions usual;
  add({"beta1?"}, adam_.beta1).written = adam_.beta1 != usual.beta1;
  add({"beta2?"}, adam_.beta2).written = adam_.beta2 != usual.beta2;
  add({"epsilon?"}, adam_.epsilon).written = adam_.epsilon != usual.epsilon;
}

TrainOptions Fields::options() const {
  TrainOptions options = options_;
  if (optimizer_ == Optimizer::sgd) {
    optim::SgdOptions sgd = sgd_;
    sgd.weight_decay = weight_decay_;
    options.optimizer = sgd;
  } else {
    optim::AdamOptions adam = adam_;
    adam.weight_decay = weight_decay_;
    adam.decoupled = optimizer_ == Optimizer::adamw;
    options.optimizer = adam;
  }
  return options;
}

void Fields::add_schedule(optim::ScheduleOptions& s) {
  using Kind = optim::ScheduleKind;
  add({"schedule.kind", "--schedule", "How the learning rate changes"}, s.kind,
      Names<Kind>{{Kind::constant, "constant"},
                  {Kind::step, "step"},
                  {Kind::cosine, "cosine"},
                  {Kind::plateau, "plateau"}});
  add({"schedule.base", "--lr", "Learning rate"}, s.base);
  add({"schedule.warmup_steps", "--warmup",
       "Steps over which the rate rises to --lr; a recipe's are a tenth of the run at most"},
      s.warmup_steps);
  add({"schedule.warmup_shrinks?"}, s.warmup_shrinks);
  add({"schedule.total_steps"}, s.total_steps);
  add({"schedule.steps_per_drop", "--drop-every", "step: steps between drops; 0: a third of the run as begun"},
      s.steps_per_drop);
  add({"schedule.factor", "--drop-factor", "step, plateau: what a drop multiplies the rate by", 0.0001, 0.9999},
      s.factor);
  add({"schedule.patience", "--plateau-patience", "plateau: evaluations without gain before a drop"},
      s.patience);
  add({"schedule.minimum"}, s.minimum);
}

void Fields::add_rest(TrainOptions& o) {
  const Names<Precision> precisions{{Precision::f32, "f32"}, {Precision::bf16, "bf16"}};
  add({"precision?", "--precision",
       "How dense layers multiply when training, and convolutions where there is AMX; bf16 takes less time "
       "(and is f32 on processors where it would not)"},
      o.precision, precisions);
  add({"moments?", "--moments",
       "adam, adamw: how the moments of dense layers are kept; bf16 takes half the memory"},
      adam_.moments, precisions);
  add({"average?", "--average", "Decay of the weights' moving average, which is what is kept; 0: none", 0,
       0.99999},
      o.average);
  add({"batch", "--batch", "Images a step", 1, 65536}, o.batch);
  // New, and left out as it mostly is: files stay as they were.
  add({"parts?", "--parts",
       "Parts of a batch that sums are made of, for ranks to share; under mpirun 8 unless told otherwise", 1,
       65536},
      o.parts)
      .written = o.parts != 1;
  add({"shard_dense?", "--shard-dense",
       "Whether ranks share out the weights of dense layers that have 4 million or more, with their moments; "
       "under mpirun on unless told otherwise"},
      o.shard_dense)
      .written = o.shard_dense;
  Field& seed = add({"seed", "--seed", "Decides initialization, order and dropout"});
  seed.kind = OptionRow::Kind::count;
  // As text: JSON integers stop short of 64 unsigned bits.
  seed.get = [&o] { return Json(std::to_string(o.seed)); };
  seed.set = [&o](const Json& json, const std::string& where) {
    const std::string& text = json.as_string(where);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), o.seed);
    if (error != std::errc() || end != text.data() + text.size()) throw DataError(where + " is no number");
  };
}

// "schedule.base": an object's member in an object's member.
std::pair<std::string_view, std::string_view> split_key(std::string_view key) {
  const std::size_t dot = key.find('.');
  if (dot == key.npos) return {{}, key};
  return {key.substr(0, dot), key.substr(dot + 1)};
}

const Json* find_value(const Json& json, std::string_view key) {
  const auto [group, name] = split_key(key);
  const Json* holder = group.empty() ? &json : json.find(group);
  return holder == nullptr ? nullptr : holder->find(name);
}

void set_value(Json& json, std::string_view key, Json value) {
  const auto [group, name] = split_key(key);
  if (group.empty()) {
    json.set(name, std::move(value));
    return;
  }
  const Json* there = json.find(group);
  Json members = there == nullptr ? Json() : *there;
  members.set(name, std::move(value));
  json.set(group, std::move(members));
}

const Field& field_of(const Fields& fields, std::string_view flag) {
  for (const Field& field : fields.all()) {
    if (!field.flag.empty() && field.flag == flag) return field;
  }
  throw ArgumentError("[options] no option " + std::string(flag));
}

// A text as JSON has the option's value.
Json json_of(const Field& field, const std::string& text) {
  const Json::Kind kind = field.get().kind();
  if (kind == Json::Kind::string) return text;
  if (kind == Json::Kind::boolean && (text == "on" || text == "off")) return text == "on";
  if (kind == Json::Kind::integer) {
    if (const std::optional<Index> integer = parse_index(text)) return *integer;
  } else if (kind == Json::Kind::number) {
    if (const std::optional<double> number = parse_double(text)) return *number;
  }
  throw ArgumentError(field.flag + " does not take `" + text + "`");
}

void check_range(const Field& field) {
  const Json json = field.get();
  if (json.kind() != Json::Kind::number && json.kind() != Json::Kind::integer) return;
  const double value = json.as_number();
  if (value >= field.least && value <= field.most) return;
  throw ArgumentError("[options] " + field.key + " must be from " + format_number(field.least) + " to " +
                      format_number(field.most) + ", got " + format_number(value));
}

}  // namespace

Json to_json(const TrainOptions& options) {
  const Fields fields(options);
  Json json;
  for (const Field& field : fields.all()) {
    if (field.written) set_value(json, field.key, field.get());
  }
  return json;
}

TrainOptions train_options_from_json(const Json& json, const std::string& where) {
  const Fields fields({});
  for (const Field& field : fields.all()) {
    if (const Json* value = find_value(json, field.key)) {
      field.set(*value, where + ": " + field.key);
    } else if (!field.later) {
      throw DataError(where + ": missing \"" + field.key + "\"");
    }
  }
  return fields.options();
}

std::vector<OptionRow> option_rows() {
  const Fields fields({});
  std::vector<OptionRow> rows;
  for (const Field& field : fields.all()) {
    if (!field.flag.empty()) rows.push_back(field);
  }
  return rows;
}

std::string option_text(const TrainOptions& options, std::string_view flag) {
  const Fields fields(options);
  const Json value = field_of(fields, flag).get();
  if (value.kind() == Json::Kind::string) return value.as_string();
  if (value.kind() == Json::Kind::boolean) return value.as_bool() ? "on" : "off";
  return format_number(value.as_number());
}

void set_options(TrainOptions& options, const std::vector<std::pair<std::string, std::string>>& given) {
  const Fields fields(options);
  for (const auto& [flag, text] : given) {
    const Field& field = field_of(fields, flag);
    field.set(json_of(field, text), flag);
    check_range(field);
  }
  options = fields.options();
}

void check_ranges(const TrainOptions& options) {
  const Fields fields(options);
  for (const Field& field : fields.all()) check_range(field);
}

}  // namespace mien::train
