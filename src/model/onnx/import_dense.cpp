// Dense layers, and what scales channels.
#include <algorithm>
#include <cmath>

#include "mien/core/text.hpp"
#include "model/onnx/import.hpp"

namespace mien::model {
namespace {

// [1, 1, C, 1, 1] without what stands in front and behind.
bool is_for_each_channel(const Shape& shape, Index channels, std::size_t behind) {
  const auto extents = shape.extents();
  if (extents.size() <= behind || shape.size() != channels) return false;
  return extents[extents.size() - 1 - behind] == channels;
}

void add_dense(Importer& importer, const ImportNode& node, const ImportValue& from, const Tensor& matrix,
               const std::optional<Tensor>& bias, const std::string& result) {
  const Index in = matrix.dim(0), out = matrix.dim(1);
  if (in != from.shape.size()) {
    node.fail("a matrix for " + std::to_string(in) + " values, its input has " +
              std::to_string(from.shape.size()));
  }
  std::vector<Tensor> weights = {matrix};
  if (bias) weights.push_back(bias->reshape({out}));
  const std::string text = "dense " + std::to_string(out) + (bias ? "" : " nobias");
  ImportValue value = importer.add(node, text, from, {out}, std::move(weights));
  value.flat = false;
  importer.set_value(node, result, value);
}

// A row for each image.
ImportValue row_of(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.value(node, 0);
  if (from.rank() != 2) node.fail("its input has " + std::to_string(from.rank()) + " axes, 2 are supported");
  return from;
}

Tensor matrix_of(Importer& importer, const ImportNode& node) {
  const Tensor matrix = importer.reals(node, 1);
  if (matrix.shape().rank() == 2 && matrix.size() > 0) return matrix;
  node.fail("a matrix of " + matrix.shape().to_string() + " is not supported");
}

Tensor times(Importer& importer, const ImportNode& node, const Tensor& values, float factor) {
  if (factor == 1) return values;
  if (!std::isfinite(factor)) node.fail("a factor that is not finite");
  Tensor result = importer.make(node, values.shape());
  for (Index i = 0; i < values.size(); ++i) result.mutable_data()[i] = values.data()[i] * factor;
  return result;
}

}  // namespace

std::optional<Tensor> take_bias(Importer& importer, const ImportNode& node, Index channels, bool image,
                                std::string& result) {
  const OnnxNode* reader = importer.only_reader(node.output());
  if (reader == nullptr || reader->op != "Add" || !reader->domain.empty()) return std::nullopt;
  if (reader->inputs.size() != 2 || reader->outputs.size() != 1 || !reader->attributes.empty())
    return std::nullopt;
  const std::string& other = reader->inputs[reader->inputs[0] == node.output() ? 1 : 0];
  const OnnxTensor* constant = importer.find_constant(other);
  if (constant == nullptr || !is_for_each_channel(constant->shape, channels, image ? 2 : 0))
    return std::nullopt;
  importer.skip(*reader);
  result = reader->outputs[0];
  const ImportNode add(*reader, node.source());
  return importer.reals(add, reader->inputs[0] == other ? 0 : 1).reshape({channels});
}

void import_gemm(Importer& importer, const ImportNode& node) {
  const ImportValue from = row_of(importer, node);
  if (node.integer("transA", 0) != 0) node.fail("transA is not supported");
  Tensor matrix = matrix_of(importer, node);
  if (node.integer("transB", 0) != 0) matrix = importer.transposed(node, matrix);
  matrix = times(importer, node, matrix, node.real("alpha", 1));
  const float beta = node.real("beta", 1);
  std::string result = node.output();
  std::optional<Tensor> bias;
  if (node.input(2).empty()) {
    bias = take_bias(importer, node, matrix.dim(1), false, result);
  } else {
    bias = times(importer, node, importer.reals(node, 2), beta);
    if (!is_for_each_channel(bias->shape(), matrix.dim(1), 0)) {
      node.fail("adding " + bias->shape().to_string() + " to " + std::to_string(matrix.dim(1)) +
                " outputs is not supported");
    }
  }
  add_dense(importer, node, from, matrix, bias, result);
}

void import_matmul(Importer& importer, const ImportNode& node) {
  const ImportValue from = row_of(importer, node);
  const Tensor matrix = matrix_of(importer, node);
  std::string result = node.output();
  const std::optional<Tensor> bias = take_bias(importer, node, matrix.dim(1), false, result);
  add_dense(importer, node, from, matrix, bias, result);
}

void import_batch_normalization(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.settled(node, 0);
  if (node.integer("training_mode", 0) != 0) node.fail("training_mode is not supported");
  if (node.integer("spatial", 1) != 1) node.fail("spatial 0 is not supported");
  std::vector<Tensor> weights;
  for (std::size_t i = 1; i <= 4; ++i) {
    weights.push_back(importer.reals(node, i));
    if (weights.back().shape() == Shape{from.shape[0]}) continue;
    node.fail("its input " + std::to_string(i) + " is " + weights.back().shape().to_string() + ", expected " +
              std::to_string(from.shape[0]));
  }
  // Of the share that stays; ours is of the new one.
  const double momentum = 1 - shortest_decimal(node.real("momentum", 0.9f));
  const std::string text = "batchnorm " + format_number(shortest_decimal(node.real("epsilon", 1e-5f))) + " " +
                           format_number(shortest_decimal(static_cast<float>(momentum)));
  importer.set_value(node, importer.add(node, text, from, from.shape, std::move(weights)));
}

void import_lrn(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.value(node, 0);
  if (!from.is_image()) node.fail("its input is no image");
  const Index size = node.integer("size", 0);
  if (size < 1 || size % 2 == 0) node.fail("size " + std::to_string(size) + " is not supported, odd ones are");
  const float alpha = node.real("alpha", 1e-4f) / static_cast<float>(size);
  const auto number = [](float value) { return " " + format_number(shortest_decimal(value)); };
  const std::string text = "lrn " + std::to_string(size / 2) + number(node.real("bias", 1)) + number(alpha) +
                           number(node.real("beta", 0.75f));
  importer.set_value(node, importer.add(node, text, from, from.shape));
}

}  // namespace mien::model
