// ONNX files made by hand.
#pragma once

#include <numeric>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/model/onnx.hpp"
#include "model/onnx/graph.hpp"
#include "support/temporary_folder.hpp"

namespace mien::test {

/// 1, 2, 3, ... times `step`.
inline Tensor counted(const Shape& shape, float step = 1) {
  Tensor tensor(shape);
  for (Index i = 0; i < tensor.size(); ++i) tensor.mutable_data()[i] = static_cast<float>(i + 1) * step;
  return tensor;
}

/// A graph from `x`, a batch of images, to `y`. Nodes and constants are added by their names.
class OnnxMaker {
 public:
  explicit OnnxMaker(const Shape& image = {1, 6, 6}) { graph.input("x", image, ""); }

  OnnxMaker& node(const char* op, const std::vector<std::string>& inputs, const std::string& output,
                  const model::OnnxAttributes& attributes = {}) {
    graph.node(op, output, inputs, attributes);
    return *this;
  }
  OnnxMaker& constant(const std::string& name, const Tensor& values) {
    kept_.push_back(values);
    graph.tensor(name, values.shape(), values);
    return *this;
  }
  OnnxMaker& constant(const std::string& name, const Shape& shape, float step = 1) {
    return constant(name, counted(shape, step));
  }
  OnnxMaker& integers(const std::string& name, const std::vector<std::int64_t>& values) {
    graph.integers(name, values);
    return *this;
  }
  /// A dense layer of `out` from `in` values of the value named, as PyTorch writes one, to `y`.
  OnnxMaker& classes(const std::string& value, Index in, Index out = 2) {
    constant("y.weight", {out, in}).constant("y.bias", {out});
    return node("Gemm", {value, "y.weight", "y.bias"}, "y", {model::onnx_attribute("transB", Index{1})});
  }

  std::string bytes() const {
    model::OnnxGraph whole = graph;
    if (whole.outputs.empty()) whole.output("y", {}, "");
    model::ProtoMessage file;
    file.integer(1, 7).message(8, model::ProtoMessage().integer(2, opset));
    for (const auto& [key, value] : metadata)
      file.message(14, model::ProtoMessage().text(1, key).text(2, value));
    file.message(7, model::to_proto(whole, "made"));
    const TemporaryFolder folder;
    write_file_atomically(folder / "made", [&](AtomicFile& out) { file.write(out); });
    return read_file(folder / "made", std::size_t{1} << 28);
  }
  model::ModelFile read(const model::OnnxReadOptions& options = {}) const {
    return read_bytes(bytes(), options);
  }
  /// The layers alone, without `input C H W | `.
  std::string layers() const {
    const std::string text = read().spec.to_text();
    return text.substr(text.find(" | ") + 3);
  }
  /// What reading it says; empty where it is read.
  std::string refusal() const { return refusal_of(bytes()); }

  static model::ModelFile read_bytes(const std::string& text, const model::OnnxReadOptions& options = {}) {
    const auto bytes = std::as_bytes(std::span<const char>(text));
    return model::read_onnx(MappedFile::from_bytes({bytes.begin(), bytes.end()}, "folder/made.onnx"), options);
  }
  static std::string refusal_of(const std::string& bytes) {
    try {
      (void)read_bytes(bytes);
    } catch (const DataError& error) {
      return error.what();
    }
    return {};
  }

  model::OnnxGraph graph;
  std::int64_t opset = 13;
  model::Metadata metadata;

 private:
  std::vector<Tensor> kept_;
};

}  // namespace mien::test
