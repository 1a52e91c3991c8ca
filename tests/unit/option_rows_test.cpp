// Every option of a run is told once: files, command lines, checks and resuming read it there.
#include "mien/train/option_rows.hpp"

#include <cmath>
#include <set>

#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace mien::train;
using mien::Json;
using mien::test::error_of;

namespace {

// As files have it since images are degraded.
const char* const kPaper =
    R"({"model_name":"paper","spec":"input 1 48 48 | dense 7","initialization":"xavier","per_image":"norm100",)"
    R"("input_scale":1.0,"per_pixel":true,"augmentation":{"mirror":0.0,"shift":0.0,"rotate":0.0,"scale":0.0,)"
    R"("crop":0.0,"brightness":0.0,"channel_shift":0.0,"contrast":0.0,"gamma":0.0,"blur":0.0,"shrink":0.0,"noise":0.0,"jpeg":0.0,)"
    R"("degrade":0.5,"erase":0.0},"loss":"softmax","loss_reduction":"mean",)"
    R"("loss_form":"fused","label_smoothing":0.0,"class_weights":"none","mix":{"mixup":0.0,"cutmix":0.0,)"
    R"("until":1.0},"distillation":{"teachers":[],"weight":0.7,"temperature":4.0},"guard":true,)"
    R"("optimizer":"adam","momentum":0.9,"nesterov":true,"weight_decay":0.0,"schedule":{"kind":"constant",)"
    R"("base":1e-04,"warmup_steps":0,"warmup_shrinks":false,"total_steps":0,"steps_per_drop":0,"factor":0.1,)"
    R"("patience":5,"minimum":0.0},"precision":"f32","moments":"f32","average":0.0,"batch":50,"seed":"0"})";

TrainOptions recipe_of_dense(const std::string& name) {
  return recipe(name, mien::model::ModelSpec::from_text("input 1 48 48 | dense 7"));
}

std::string json_text(const TrainOptions& options) {
  return mien::to_json(to_json(options));
}

// The file without some of its members.
Json without(const std::string& text, const std::set<std::string>& keys) {
  const Json json = mien::parse_json(text, "test");
  Json result;
  for (const mien::JsonMember& member : json.as_object()) {
    if (!keys.contains(member.key)) result.set(member.key, member.value);
  }
  return result;
}

}  // namespace

TEST_CASE("options are written as ever, and read back") {
  CHECK(json_text(recipe_of_dense("paper")) == kPaper);
  CHECK(json_text(train_options_from_json(mien::parse_json(kPaper, "test"), "file")) == kPaper);
  for (const char* name : {"literal", "literal-stable", "best", "few"}) {
    const TrainOptions options = recipe_of_dense(name);
    CHECK(json_text(train_options_from_json(to_json(options), "file")) == json_text(options));
  }
}

TEST_CASE("each optimizer is written with its options and read as what it was") {
  TrainOptions options = recipe_of_dense("paper");
  const auto read = [&] { return train_options_from_json(to_json(options), "file").optimizer; };
  const auto written = [&](const char* key) { return to_json(options).at(key); };
  options.optimizer = mien::optim::SgdOptions{.momentum = 0.5f, .nesterov = false, .weight_decay = 0.25f};
  CHECK(written("optimizer").as_string() == "sgd");
  CHECK(std::get<mien::optim::SgdOptions>(read()).momentum == 0.5f);
  CHECK_FALSE(std::get<mien::optim::SgdOptions>(read()).nesterov);
  CHECK(std::get<mien::optim::SgdOptions>(read()).weight_decay == 0.25f);

  options.optimizer =
      mien::optim::AdamOptions{.weight_decay = 0.25f, .decoupled = true, .moments = mien::Precision::bf16};
  CHECK(written("optimizer").as_string() == "adamw");
  CHECK(written("momentum").as_number() == 0.9);  // what those files always said
  CHECK(to_json(options).find("beta1") == nullptr);
  CHECK(std::get<mien::optim::AdamOptions>(read()).decoupled);
  CHECK(std::get<mien::optim::AdamOptions>(read()).weight_decay == 0.25f);
  CHECK(std::get<mien::optim::AdamOptions>(read()).moments == mien::Precision::bf16);

  options.optimizer = mien::optim::AdamOptions{.beta1 = 0.8f, .beta2 = 0.99f, .epsilon = 1e-6f};
  CHECK(written("optimizer").as_string() == "adam");
  CHECK(std::get<mien::optim::AdamOptions>(read()).beta1 == 0.8f);
  CHECK(std::get<mien::optim::AdamOptions>(read()).beta2 == 0.99f);
  CHECK(std::get<mien::optim::AdamOptions>(read()).epsilon == 1e-6f);
}

TEST_CASE("what a run that finds faces is about is written with it alone, and read back") {
  for (const char* name : {"faces", "points"}) {
    const TrainOptions options = mien::train::recipe(name, mien::model::preset(name));
    const std::string text = json_text(options);
    CHECK(text.starts_with("{\"task\":\"faces\",\"model_name\":"));
    const TrainOptions read = train_options_from_json(mien::parse_json(text, "test"), "file");
    CHECK(json_text(read) == text);
    CHECK(read.task == mien::train::TaskKind::faces);
    CHECK(read.face_grid == options.face_grid);
    CHECK(read.canvas == options.canvas);
  }
}

TEST_CASE("files from before a choice there is now read as before, others lack something") {
  const auto text_without = [](const std::set<std::string>& keys) {
    return json_text(train_options_from_json(without(kPaper, keys), "file"));
  };
  CHECK(text_without({"augmentation", "loss", "class_weights", "mix", "distillation", "guard", "precision",
                      "moments", "average"}) == kPaper);
  Json undegraded = mien::parse_json(kPaper, "test");
  undegraded.set("augmentation", Json().set("mirror", 0.0).set("erase", 0.0));
  CHECK(json_text(train_options_from_json(undegraded, "file")) == kPaper);
  for (const char* key : {"model_name", "spec", "optimizer", "momentum", "schedule", "batch", "seed"}) {
    const std::string message = error_of<mien::DataError>([&] { text_without({key}); });
    INFO(message);
    CHECK(message.starts_with(std::string("file: missing \"") + key));
  }
  const auto message_with = [](const char* key, Json value) {
    return error_of<mien::Error>(
        [&] { train_options_from_json(mien::parse_json(kPaper, "test").set(key, std::move(value)), "file"); });
  };
  CHECK(message_with("optimizer", "adagrad") ==
        "file: optimizer: expected one of adam, adamw, sgd, got `adagrad`");
  CHECK(message_with("batch", "many") == "file: batch: expected an integer, found a string");
  CHECK(message_with("seed", "-1") == "file: seed is no number");
}

TEST_CASE("options given as text are those of the rows, in any order") {
  TrainOptions options = recipe_of_dense("paper");
  set_options(options, {{"--momentum", "0.5"},
                        {"--optimizer", "sgd"},
                        {"--weight-decay", "0.1"},
                        {"--lr", "0.3"},
                        {"--warmup", "7"},
                        {"--per-pixel", "off"},
                        {"--seed", "18446744073709551615"},
                        {"--mirror", "0.25"}});
  CHECK(std::get<mien::optim::SgdOptions>(options.optimizer).momentum == 0.5f);
  CHECK(std::get<mien::optim::SgdOptions>(options.optimizer).weight_decay == 0.1f);
  CHECK(options.schedule.base == 0.3f);
  CHECK(options.schedule.warmup_steps == 7);
  CHECK_FALSE(options.per_pixel);
  CHECK(options.seed == ~std::uint64_t{0});
  CHECK(options.augmentation.mirror == 0.25f);

  const std::string before = json_text(options);
  const auto message_of = [&](const char* flag, const char* text) {
    return error_of<mien::Error>([&] { set_options(options, {{"--batch", "3"}, {flag, text}}); });
  };
  CHECK(message_of("--color", "blue") == "[options] no option --color");
  CHECK(message_of("--optimizer", "magic") == "--optimizer: expected one of adam, adamw, sgd, got `magic`");
  CHECK(message_of("--lr", "fast") == "--lr does not take `fast`");
  CHECK(message_of("--guard", "maybe") == "--guard does not take `maybe`");
  CHECK(message_of("--warmup", "1.5") == "--warmup does not take `1.5`");
  CHECK(message_of("--label-smoothing", "0.91") == "[options] label_smoothing must be from 0 to 0.9, got 0.91");
  CHECK(json_text(options) == before);
}

TEST_CASE("what an option is said to be takes it back there") {
  const TrainOptions best = recipe_of_dense("best");
  TrainOptions options = recipe_of_dense("paper");
  std::vector<std::pair<std::string, std::string>> texts;
  std::set<std::string> flags;
  for (const OptionRow& row : option_rows()) {
    CHECK(flags.insert(row.flag).second);
    CHECK_FALSE(row.help.empty());
    CHECK(row.words.empty() == (row.kind != OptionRow::Kind::word));
    texts.emplace_back(row.flag, option_text(best, row.flag));
  }
  set_options(options, texts);
  options.schedule.warmup_shrinks = true;  // which is for recipes to say
  CHECK(json_text(options) == json_text(best));
  CHECK_THROWS_AS(option_text(best, "--color"), mien::ArgumentError);
}

TEST_CASE("a number outside of its row's range is refused by name") {
  CHECK_NOTHROW(check_ranges(recipe_of_dense("best")));
  TrainOptions options = recipe_of_dense("paper");
  const auto message = [&] { return error_of<mien::ArgumentError>([&] { check_ranges(options); }); };
  options.mix.cutmix = -1;
  CHECK(message() == "[options] mix.cutmix must be from 0 to 100, got -1");
  options.mix.cutmix = std::nanf("");
  CHECK(message() == "[options] mix.cutmix must be from 0 to 100, got nan");
  options.mix.cutmix = 0;
  options.batch = 0;
  CHECK(message() == "[options] batch must be from 1 to 65536, got 0");
  options.batch = 1;
  options.optimizer = mien::optim::AdamOptions{.weight_decay = -1};
  CHECK(message().starts_with("[options] weight_decay must be from 0 to "));
}
