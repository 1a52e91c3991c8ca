// Networks that PyTorch exported, imported: what tests/goldens/make_onnx.py computed in float64.
#include <cmath>
#include <cstring>

#include "mien/infer/session.hpp"
#include "mien/model/onnx.hpp"
#include "mien/model/safetensors.hpp"
#include "support/catch.hpp"

using mien::Index;
using mien::Tensor;

namespace {

std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(MIEN_GOLDENS_FOLDER) / name;
}

std::vector<double> doubles(const mien::model::SafetensorsFile& file, const std::string& name) {
  const mien::model::TensorEntry* entry = file.find(name);
  REQUIRE(entry != nullptr);
  std::vector<double> values(static_cast<std::size_t>(entry->shape.size()));
  REQUIRE(entry->bytes.size() == values.size() * sizeof(double));
  std::memcpy(values.data(), entry->bytes.data(), entry->bytes.size());
  return values;
}

// Of the images as the graph takes them; `last` is whether it ends in softmax.
std::vector<float> scores(const mien::model::ModelFile& model, Tensor images, bool last) {
  for (Index i = 0; i < images.size(); ++i) images.mutable_data()[i] *= model.normalization.scale;
  const Index count = images.dim(0);
  mien::infer::Session session(model, count);
  std::vector<float> result(static_cast<std::size_t>(count * session.class_count()));
  if (last) {
    session.predict(result.data(), images.data(), count);
  } else {
    session.logits(result.data(), images.data(), count);
  }
  return result;
}

void check_golden(const std::string& name, bool last, const std::string& spec) {
  CAPTURE(name);
  const mien::model::ModelFile model = mien::model::read_onnx(golden(name + ".onnx"));
  CHECK(model.spec.to_text() == spec);
  CHECK(model.notes.at(mien::model::kOnnxNote).rfind("pytorch 1.13", 0) == 0);
  const auto file = mien::model::SafetensorsFile::open(golden("onnx.safetensors"));
  const std::vector<double> expected = doubles(file, name + ".scores");
  const std::vector<float> actual = scores(model, file.tensor(name + ".images").clone(), last);
  REQUIRE(actual.size() == expected.size());
  double largest = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    largest = std::max(largest, std::abs(actual[i] - expected[i]));
  }
  CAPTURE(largest);
  CHECK(largest < 1e-5);
  // Images that are told apart: agreeing about nothing proves nothing.
  CHECK(std::abs(expected[0] - expected[expected.size() / 2]) > 1e-3);
}

}  // namespace

TEST_CASE("a network of PyTorch's with a view, dropout and softmax computes the same when it is imported") {
  check_golden(
      "plain", true,
      "input 1 20 20 | conv 8 5 valid | relu | maxpool 2 2 valid | conv 12 3 same | relu | maxpool 3 2 same"
      " | avgpool 2 1 valid | dense 24 | relu | dense 5");
  CHECK(mien::model::read_onnx(golden("plain.onnx")).temperature == 1.5f);
  CHECK(mien::model::read_onnx(golden("plain.onnx")).normalization.scale == 1.0f / 255);
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
          " | conv 16 1 valid stride 2 nobias | batchnorm 1e-05 0.1 | add x5 | relu | globalpool | dense 6");
}

TEST_CASE("PyTorch's depthwise blocks with hard swish compute the same when they are imported") {
  const std::string gate = " | globalpool | dense 4 | relu | dense ";
  check_golden("mobile", false,
               "input 3 24 24 | conv 8 3 pad 1 stride 2 | hswish as x1 | conv 16 1 valid | relu | dwconv 3 same"
               " | relu as x2" +
                   gate +
                   "16 | sigmoid | gate x2 | conv 8 1 valid | add x1 | conv 24 1 valid | hswish"
                   " | dwconv 5 pad 2 stride 2 | hswish as x3" +
                   gate +
                   "24 | sigmoid | gate x3 | conv 12 1 valid"
                   " | globalpool | dense 16 | hswish | dense 6");
}

TEST_CASE("two scales that PyTorch joins compute the same when they are imported") {
  check_golden(
      "pyramid", false,
      "input 2 16 16 | conv 6 3 same | prelu as x1 | conv 8 2 valid stride 2 | silu | upsample as x2 | from x1"
      " | leakyrelu 0.2 as x3 | from x2 | concat x3 | conv 8 1x3 same | hswish | globalpool | dense 4");
}
