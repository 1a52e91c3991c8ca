// Operators that change each value by itself, and the softmax at the end.
#include <algorithm>
#include <cmath>
#include <limits>

#include "mien/core/text.hpp"
#include "model/onnx/import.hpp"

namespace mien::model {
namespace {

// On an image as on what it is flattened to.
void add_activation(Importer& importer, const ImportNode& node, const std::string& text) {
  const ImportValue from = importer.value(node, 0);
  importer.set_value(node, importer.add(node, text, from, from.shape));
}

// Whether all that reads the node's output multiplies it by the node's input: x f(x) is a layer, which Mul
// adds.
bool only_multiplied_by_input(const Importer& importer, const ImportNode& node) {
  const std::vector<const OnnxNode*> readers = importer.readers(node.output());
  return importer.is_value(node.input(0)) && !importer.is_output(node.output()) &&
         std::all_of(readers.begin(), readers.end(), [&](const OnnxNode* reader) {
           return reader->op == "Mul" && reader->domain.empty() && reader->inputs.size() == 2 &&
                  (reader->inputs[0] == node.input(0) || reader->inputs[1] == node.input(0));
         });
}

}  // namespace

void import_relu(Importer& importer, const ImportNode& node) {
  add_activation(importer, node, "relu");
}

void import_clip(Importer& importer, const ImportNode& node) {
  constexpr float kMost = std::numeric_limits<float>::max();
  const bool by_inputs = importer.opset() >= 11;
  const float low = by_inputs ? importer.real(node, 1, -kMost) : node.real("min", -kMost);
  const float high = by_inputs ? importer.real(node, 2, kMost) : node.real("max", kMost);
  if (low <= -kMost && high >= kMost) return importer.set_value(node, importer.value(node, 0));
  if (low == 0 && high >= kMost) return add_activation(importer, node, "relu");
  if (low == 0 && high == 6) return add_activation(importer, node, "relu6");
  node.fail("to " + format_number(shortest_decimal(low)) + " .. " + format_number(shortest_decimal(high)) +
            " is not supported; from 0 is, to 6 or without a limit");
}

void import_leaky_relu(Importer& importer, const ImportNode& node) {
  add_activation(importer, node, "leakyrelu " + format_number(shortest_decimal(node.real("alpha", 0.01f))));
}

void import_prelu(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.settled(node, 0);
  const Index channels = from.shape[0];
  const Tensor slopes = importer.reals(node, 1);
  const auto extents = slopes.shape().extents();
  const std::size_t behind = from.rank() == 4 ? 2 : 0;
  const bool each = extents.size() > behind && extents[extents.size() - 1 - behind] == channels;
  if (slopes.size() != 1 && !(each && slopes.size() == channels)) {
    node.fail("slopes of " + slopes.shape().to_string() +
              " are not supported; one is, or one for each channel");
  }
  Tensor weight = importer.make(node, {channels});
  if (slopes.size() == channels) {
    weight.copy_from(slopes.reshape({channels}));
  } else {
    weight.fill(slopes.data()[0]);
  }
  importer.set_value(node, importer.add(node, "prelu", from, from.shape, {weight}));
}

void import_sigmoid(Importer& importer, const ImportNode& node) {
  if (only_multiplied_by_input(importer, node)) return;
  add_activation(importer, node, "sigmoid");
}

// On its own it is no layer.
void import_hard_sigmoid(Importer& importer, const ImportNode& node) {
  const float alpha = node.real("alpha", 0.2f), beta = node.real("beta", 0.5f);
  const bool ours = std::abs(alpha - 1.0f / 6) < 1e-6f && beta == 0.5f;
  if (ours && only_multiplied_by_input(importer, node)) return;
  node.fail("it is supported where x HardSigmoid(x) is taken, with alpha 1/6 and beta 0.5");
}

void import_hard_swish(Importer& importer, const ImportNode& node) {
  add_activation(importer, node, "hswish");
}

// Networks end in logits, and softmax is understood.
void import_softmax(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.settled(node, 0);
  Index axis = node.integer("axis", importer.opset() < 13 ? 1 : -1);
  if (axis < 0) axis += from.rank();
  if (axis != 1 || !from.is_vector()) node.fail("only that of one value a class is supported");
  const bool last = importer.is_output(node.output()) && importer.reader_count(node.output()) == 1;
  if (!last) node.fail("it is supported at the end alone");
  importer.set_value(node, from);
}

}  // namespace mien::model
