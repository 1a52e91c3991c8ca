// Networks that PyTorch exported, imported: what tests/goldens/make_onnx.py computed in float64.
#include <filesystem>

#include "mien/infer/session.hpp"
#include "mien/model/match.hpp"
#include "mien/model/onnx.hpp"
#include "support/goldens.hpp"

using mien::Index;
using mien::Tensor;
using mien::model::ModelFile;

namespace {

ModelFile imported(const std::string& name) {
  return mien::model::read_onnx(std::filesystem::path(MIEN_GOLDENS_FOLDER) / (name + ".onnx"));
}

// Of the images as the graph takes them; `last` is whether it ends in softmax.
std::vector<float> scores(const ModelFile& model, const std::vector<double>& images, bool last) {
  std::vector<float> prepared(images.begin(), images.end());
  for (float& value : prepared) value *= model.normalization.scale;
  const Index count = static_cast<Index>(images.size()) / model.spec.input_shape().size();
  mien::infer::Session session(model, count);
  std::vector<float> result(static_cast<std::size_t>(count * session.class_count()));
  if (last) {
    session.predict(result.data(), prepared.data(), count);
  } else {
    session.logits(result.data(), prepared.data(), count);
  }
  return result;
}

void check_scores(const ModelFile& model, const std::string& name, bool last) {
  const mien::test::Goldens file("onnx.safetensors");
  const std::vector<double> expected = file[name + ".scores"];
  const std::vector<float> actual = scores(model, file[name + ".images"], last);
  REQUIRE(actual.size() == expected.size());
  double largest = 0;
  for (std::size_t i = 0; i < actual.size(); ++i)
    largest = std::max(largest, std::abs(actual[i] - expected[i]));
  CAPTURE(name, largest);
  CHECK(largest < 1e-5);
  // Images that are told apart: agreeing about nothing proves nothing.
  CHECK(std::abs(expected[0] - expected[expected.size() / 2]) > 1e-3);
}

void check_golden(const std::string& name, bool last, const std::string& spec) {
  const ModelFile model = imported(name);
  CHECK(model.spec.to_text() == spec);
  CHECK(model.notes.at(mien::model::kOnnxNote).rfind("pytorch 1.13", 0) == 0);
  check_scores(model, name, last);
}

}  // namespace

TEST_CASE("a network of PyTorch's with a view, dropout and softmax computes the same when it is imported") {
  check_golden(
      "plain", true,
      "input 1 20 20 | conv 8 5 valid | relu | maxpool 2 2 valid | conv 12 3 same | relu | maxpool 3 2 same"
      " | avgpool 2 1 valid | dense 24 | relu | dense 5");
  CHECK(imported("plain").temperature == 1.5f);
  CHECK(imported("plain").normalization.scale == 1.0f / 255);
}

TEST_CASE("PyTorch's residual blocks with squeeze-and-excite compute the same when they are imported") {
  const std::string gate = " | globalpool | dense 4 | relu | dense ";
  check_golden(
      "residual", false,
      "input 1 24 24 | conv 8 3 pad 1 stride 2 nobias | batchnorm 1e-05 0.1 | relu | maxpool 3 2 pad 1 as x1"
      " | conv 8 3 same nobias | batchnorm 1e-05 0.1 | relu | conv 8 3 same nobias"
      " | batchnorm 1e-05 0.1 as x2" +
          gate +
          "8 | sigmoid | gate x2 | add x1 | relu as x3"
          " | conv 16 3 pad 1 stride 2 nobias | batchnorm 1e-05 0.1 | relu | conv 16 3 same nobias"
          " | batchnorm 1e-05 0.1 as x4" +
          gate +
          "16 | sigmoid | gate x4 as x5 | from x3"
          " | conv 16 1 same stride 2 nobias | batchnorm 1e-05 0.1 | add x5 | relu | globalpool | dense 6");
}

TEST_CASE("weights that PyTorch learned go over to a network as somebody would write it") {
  const auto spec = mien::model::ModelSpec::from_text(
      "input 1 24 24 | conv 8 3 pad 1 stride 2 nobias | batchnorm | relu | maxpool 3 2 pad 1 as a"
      " | conv 8 3 nobias | batchnorm | relu | conv 8 3 nobias | batchnorm as b | globalpool | dense 4 | relu "
      "| dense 8"
      " | sigmoid as c | from b | gate c | add a | relu | dropout 0.1 as d"
      " | conv 16 1 stride 2 nobias | batchnorm as e"  // the way past comes first
      " | from d | conv 16 3 pad 1 stride 2 nobias | batchnorm | relu | conv 16 3 nobias | batchnorm as f"
      " | globalpool | dense 4 | relu | dense 16 | sigmoid | gate f | add e | relu | globalpool | flatten | "
      "dense 6");
  const ModelFile model = mien::model::matched(imported("residual"), spec);
  CHECK(model.spec == spec);
  check_scores(model, "residual", false);
}

TEST_CASE("PyTorch's depthwise blocks with hard swish compute the same when they are imported") {
  const std::string gate = " | globalpool | dense 4 | relu | dense ";
  check_golden("mobile", false,
               "input 3 24 24 | conv 8 3 pad 1 stride 2 | hswish as x1 | conv 16 1 same | relu | dwconv 3 same"
               " | relu as x2" +
                   gate +
                   "16 | sigmoid | gate x2 | conv 8 1 same | add x1 | conv 24 1 same | hswish"
                   " | dwconv 5 pad 2 stride 2 | hswish as x3" +
                   gate +
                   "24 | sigmoid | gate x3 | conv 12 1 same"
                   " | globalpool | dense 16 | hswish | dense 6");
}

TEST_CASE("two scales that PyTorch joins compute the same when they are imported") {
  check_golden(
      "pyramid", false,
      "input 2 16 16 | conv 6 3 same | prelu as x1 | conv 8 2 same stride 2 | silu | upsample as x2 | from x1"
      " | leakyrelu 0.2 as x3 | from x2 | concat x3 | conv 8 1x3 same | hswish | globalpool | dense 4");
}
