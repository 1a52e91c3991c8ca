// What was exported and is read again is the same, bit for bit.
#include <cstring>

#include "mien/core/file.hpp"
#include "mien/core/random.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/encoding.hpp"
#include "mien/model/graph.hpp"
#include "mien/model/onnx.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using mien::Index;
using mien::Shape;
using mien::Tensor;
using mien::image::PerImage;
using mien::model::ModelFile;
using mien::model::OnnxInput;

namespace {

Tensor noise(const Shape& shape, std::uint64_t seed) {
  mien::RandomStream random(seed, mien::RandomPurpose::user, 0);
  Tensor tensor(shape);
  for (Index i = 0; i < tensor.size(); ++i) {
    tensor.mutable_data()[i] = static_cast<float>(random.next_below(2001)) / 8192 - 0.1f;
  }
  return tensor;
}

ModelFile noisy_model(const mien::model::ModelSpec& spec) {
  ModelFile model;
  model.name = "noisy";
  model.spec = spec;
  for (Index c = 0; c < mien::model::class_count(spec); ++c)
    model.labels.push_back("label " + std::to_string(c));
  std::uint64_t seed = 0;
  for (const mien::model::ParameterSpec& parameter : mien::model::parameters_of(mien::model::plan(spec))) {
    Tensor values = noise(parameter.shape, ++seed);
    if (parameter.name.ends_with("running_var")) values.fill(0.5f);
    model.weights.push_back({parameter.name, values});
  }
  return model;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.defined() == b.defined() && a.size() == b.size() &&
         std::memcmp(a.values().data(), b.values().data(), a.values().size_bytes()) == 0;
}

std::vector<float> predicted(const ModelFile& model) {
  mien::infer::Session session(model);
  const Tensor image = noise({1, model.spec.channels, model.spec.height, model.spec.width}, 99);
  std::vector<float> probabilities(static_cast<std::size_t>(session.class_count()));
  session.predict(probabilities.data(), image.data(), 1);
  return probabilities;
}

ModelFile there_and_back(const ModelFile& model, OnnxInput input) {
  const mien::test::TemporaryFolder folder;
  mien::model::write_onnx(folder / "there.onnx", model, input);
  ModelFile back = mien::model::read_onnx(folder / "there.onnx");
  mien::model::write_onnx(folder / "again.onnx", back, input);
  CHECK(mien::read_file(folder / "there.onnx", std::size_t{1} << 30) ==
        mien::read_file(folder / "again.onnx", std::size_t{1} << 30));
  return back;
}

void check_comes_back(const ModelFile& given, OnnxInput input) {
  ModelFile model = mien::model::with_encoding(given, mien::Encoding::f32);
  model.sample_input = model.sample_output = Tensor();
  const ModelFile back = there_and_back(model, input);
  CHECK(back.name == model.name);
  CHECK(back.spec == model.spec);
  CHECK(back.spec.to_text() == model.spec.to_text());
  CHECK(back.labels == model.labels);
  CHECK(back.notes == model.notes);
  CHECK(back.temperature == model.temperature);
  CHECK(back.face_margin == model.face_margin);
  CHECK(back.normalization.per_image == model.normalization.per_image);
  CHECK(back.normalization.scale == model.normalization.scale);
  CHECK(same_bits(back.normalization.mean, model.normalization.mean));
  CHECK(same_bits(back.normalization.inv_std, model.normalization.inv_std));
  REQUIRE(back.weights.size() == model.weights.size());
  for (std::size_t i = 0; i < model.weights.size(); ++i) {
    INFO(model.weights[i].name);
    CHECK(back.weights[i].name == model.weights[i].name);
    CHECK(same_bits(back.weights[i].tensor, model.weights[i].tensor));
  }
  CHECK(predicted(back) == predicted(model));
}

}  // namespace

TEST_CASE("the models that come along, exported and read again, are the same bits") {
  for (const char* name : {"small", "large"}) {
    const ModelFile model = mien::model::read_model(std::filesystem::path(MIEN_SAMPLE_FOLDER) / "models" /
                                                    (std::string(name) + ".safetensors"));
    REQUIRE_FALSE(model.notes.empty());
    for (const OnnxInput input : {OnnxInput::pixels, OnnxInput::prepared}) {
      CAPTURE(name, static_cast<int>(input));
      check_comes_back(model, input);
    }
  }
}

TEST_CASE("a network of each preset, exported and read again, is the same bits") {
  for (const char* name : {"paper", "small", "large"}) {
    CAPTURE(name);
    check_comes_back(noisy_model(mien::model::preset(name)), OnnxInput::pixels);
  }
}

TEST_CASE("networks with branches, exported and read again, are the same bits") {
  for (const char* text :
       {"input 1 12 12 | conv 8 3 pad 1 stride 2 nobias | batchnorm | relu as a | conv 8 3 nobias | batchnorm "
        "as b"
        " | globalpool | dense 4 | silu | dense 8 | sigmoid | gate b | add a | hswish as c"
        " | conv 6 1 stride 2 nobias as d | from c | maxpool 2 2 | conv 6 1x3 | leakyrelu 0.2 | add d | prelu"
        " | dwconv 3 | upsample | concat c | avgpool 3 2 pad 1 0 1 0 | dropout 0.1 | flatten | prelu | dense 3",
        "input 3 8 8 as i | dwconv 3 stride 2 as a | from i | globalpool as b | from a | gate b as e | "
        "globalpool as c"
        " | from b | concat c c | dense 4 as out | from e | relu | globalpool | dense 4 | add out"}) {
    CAPTURE(text);
    check_comes_back(noisy_model(mien::model::ModelSpec::from_text(text)), OnnxInput::pixels);
  }
}

TEST_CASE("preparation, temperature and margin survive the way to ONNX and back") {
  for (const PerImage per_image : {PerImage::none, PerImage::center, PerImage::norm100}) {
    for (const OnnxInput input : {OnnxInput::pixels, OnnxInput::prepared}) {
      CAPTURE(static_cast<int>(per_image), static_cast<int>(input));
      ModelFile model = noisy_model(mien::model::ModelSpec::from_text(
          "input 1 9 7 | conv 3 3 same stride 2 | lrn 2 1 0.01 0.7 | dropout 0.2 | flatten | dense 3"));
      model.normalization = {.per_image = per_image, .scale = 0.3f, .mean = noise({9, 7}, 7), .inv_std = {}};
      model.normalization.inv_std = noise({9, 7}, 8);
      model.temperature = 1.7f;
      model.face_margin = 0.125f;
      model.notes["accuracy"] = "most of \xc3\xa4ll";
      check_comes_back(model, input);
    }
  }
}
