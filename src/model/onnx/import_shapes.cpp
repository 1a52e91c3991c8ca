// Operators that move no values: constants, shapes, and what is computed from them.
#include <algorithm>

#include "mien/core/text.hpp"
#include "model/onnx/import.hpp"
#include "model/onnx/values.hpp"

namespace mien::model {
namespace {

// As the graph has them, the batch among them.
std::vector<Index> extents_of(const ImportValue& value) {
  if (value.rank() == 2) return {Importer::kBatch, value.shape.size()};
  if (value.is_vector()) return {Importer::kBatch, value.shape[0], 1, 1};
  return {Importer::kBatch, value.shape[0], value.shape[1], value.shape[2]};
}

std::string extents_text(const std::vector<Index>& extents) {
  std::string text;
  for (const Index extent : extents) {
    text += (text.empty() ? "" : ", ") + (extent == Importer::kBatch ? "batch" : std::to_string(extent));
  }
  return "[" + text + "]";
}

// All values of an image in a row.
ImportValue flattened(const ImportValue& from) {
  ImportValue result = from;
  result.planes = false;
  result.flat = !from.is_vector();
  return result;
}

// Zeros and -1 of a Reshape made numbers; the batch stays where it is.
std::vector<Index> resolved(const Importer& importer, const ImportNode& node, const std::vector<Index>& before,
                            std::vector<Index> target) {
  const bool zero_is_copy = node.integer("allowzero", 0) == 0;
  Index known = 1, values = 1;
  for (std::size_t i = 1; i < before.size(); ++i) values *= before[i];
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == 0 && zero_is_copy && i < before.size()) target[i] = before[i];
    if (i == 0 && importer.is_batch(target[0])) target[0] = Importer::kBatch;
    if (target[i] == -1 && !open) open = i;
    if (i == 0 || target[i] <= 0) continue;
    if (target[i] > values / known) return target;
    known *= target[i];
  }
  if (open == std::size_t{0} && known == values) target[0] = Importer::kBatch;
  if (open && *open > 0 && values % known == 0) target[*open] = values / known;
  return target;
}

void set_extents(Importer& importer, const ImportNode& node, const ImportValue& from,
                 const std::vector<Index>& target) {
  const std::vector<Index> before = extents_of(from);
  if (target == before) return importer.set_value(node, from);
  if (target == std::vector<Index>{Importer::kBatch, from.shape.size()})
    return importer.set_value(node, flattened(from));
  ImportValue image = from;  // an image flattened and back, or values as planes
  image.flat = false;
  image.planes = from.is_vector();
  if (target == extents_of(image)) return importer.set_value(node, image);
  node.fail("from " + extents_text(before) + " to " + extents_text(target) + " is not supported");
}

// With axes of one value each put in.
OnnxTensor with_axes(const ImportNode& node, OnnxTensor constant, const std::vector<Index>& axes) {
  const auto rest = constant.shape.extents();
  const std::size_t rank = rest.size() + axes.size();
  if (rank > Shape::kMaxRank) node.fail("more axes than are supported");
  std::vector<Index> extents(rank, 0);
  for (const Index axis : from_front(axes, static_cast<Index>(rank))) {
    if (axis < 0 || axis >= static_cast<Index>(rank)) node.fail("there is no axis " + std::to_string(axis));
    extents[static_cast<std::size_t>(axis)] = 1;
  }
  if (std::count(extents.begin(), extents.end(), 0) != static_cast<Index>(rest.size()))
    node.fail("an axis twice");
  std::size_t next = 0;
  for (Index& extent : extents) extent = extent == 1 ? 1 : rest[next++];
  constant.shape = Shape(std::span<const Index>(extents));
  return constant;
}

OnnxTensor constant_of(const ImportNode& node) {
  if (const OnnxAttribute* value = node.find("value"); value != nullptr && !value->tensor.empty()) {
    return value->tensor.front();
  }
  OnnxGraph made;
  const OnnxAttribute* value = nullptr;
  if ((value = node.find("value_float"))) made.scalar({}, value->real);
  if ((value = node.find("value_floats"))) made.reals({}, value->reals);
  if ((value = node.find("value_int"))) made.integers({}, std::vector<std::int64_t>{value->integer});
  if ((value = node.find("value_ints"))) made.integers({}, value->integers);
  if (made.tensors.empty()) node.fail("a constant of this type is not supported");
  return made.tensors.front();
}

}  // namespace

std::optional<std::vector<Index>> axes_of(const Importer& importer, const ImportNode& node) {
  if (auto axes = node.integers("axes")) return axes;
  return importer.integers(node, 1);
}

std::vector<Index> from_front(std::vector<Index> axes, Index rank) {
  for (Index& axis : axes) axis += axis < 0 ? rank : 0;
  std::sort(axes.begin(), axes.end());
  return axes;
}

void import_constant(Importer& importer, const ImportNode& node) {
  importer.set_constant(node, constant_of(node));
}

void import_identity(Importer& importer, const ImportNode& node) {
  const std::string& from = node.input(0);
  if (importer.has_integers(from)) return importer.set_integers(node, *importer.integers(node, 0));
  if (const OnnxTensor* constant = importer.find_constant(from)) return importer.set_constant(node, *constant);
  importer.set_value(node, importer.value(node, 0));
}

void import_dropout(Importer& importer, const ImportNode& node) {
  for (const char* of_no_matter : {"ratio", "seed", "is_test"}) (void)node.find(of_no_matter);
  const auto training = importer.integers(node, 2);
  if (training && *training != std::vector<Index>{0}) node.fail("training_mode is not supported");
  importer.set_value(node, importer.value(node, 0));
}

void import_flatten(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.value(node, 0);
  const Index axis = node.integer("axis", 1);
  if (axis != 1 && axis != 1 - from.rank())
    node.fail("axis " + std::to_string(axis) + " is not supported, 1 is");
  importer.set_value(node, flattened(from));
}

void import_reshape(Importer& importer, const ImportNode& node) {
  const ImportValue from = importer.value(node, 0);
  const auto target = importer.integers(node, 1);
  if (!target || target->size() > Shape::kMaxRank) node.fail("its shape is missing");
  set_extents(importer, node, from, resolved(importer, node, extents_of(from), *target));
}

// PyTorch writes one in front of an AveragePool, which mostly pads by nothing.
void import_pad(Importer& importer, const ImportNode& node) {
  for (const char* of_no_matter : {"mode", "value"}) (void)node.find(of_no_matter);
  auto pads = node.integers("pads");
  if (!pads) pads = importer.integers(node, 1);
  const bool none = pads && std::all_of(pads->begin(), pads->end(), [](Index pad) { return pad == 0; });
  if (!none) node.fail("it is supported where it pads by nothing; convolutions and pools pad by themselves");
  importer.set_value(node, importer.value(node, 0));
}

void import_squeeze(Importer& importer, const ImportNode& node) {
  const std::string& name = node.input(0);
  const auto axes = axes_of(importer, node);
  if (importer.has_integers(name)) return importer.set_integers(node, *importer.integers(node, 0));
  const ImportValue from = importer.value(node, 0);
  const bool planes = axes && from_front(*axes, from.rank()) == std::vector<Index>{2, 3};
  if (!planes || from.rank() != 4) node.fail("axes other than 2 and 3 are not supported");
  set_extents(importer, node, from, {Importer::kBatch, from.shape[0]});
}

void import_unsqueeze(Importer& importer, const ImportNode& node) {
  const std::string& name = node.input(0);
  const auto axes = axes_of(importer, node);
  if (const OnnxTensor* constant = importer.find_constant(name)) {
    return importer.set_constant(node, with_axes(node, *constant, axes.value_or(std::vector<Index>())));
  }
  if (importer.has_integers(name)) return importer.set_integers(node, *importer.integers(node, 0));
  const ImportValue from = importer.value(node, 0);
  const bool planes = axes && from_front(*axes, 4) == std::vector<Index>{2, 3};
  if (!planes || from.rank() != 2) node.fail("axes other than 2 and 3 are not supported");
  set_extents(importer, node, from, {Importer::kBatch, from.shape.size(), 1, 1});
}

void import_shape(Importer& importer, const ImportNode& node) {
  importer.set_integers(node, extents_of(importer.value(node, 0)));
}

void import_gather(Importer& importer, const ImportNode& node) {
  const auto values = importer.integers(node, 0), places = importer.integers(node, 1);
  if (!values || !places || node.integer("axis", 0) != 0) node.fail("only extents of shapes are supported");
  std::vector<Index> chosen;
  for (Index place : *places) {
    if (place < 0) place += static_cast<Index>(values->size());
    if (place < 0 || place >= static_cast<Index>(values->size())) node.fail("there is no such extent");
    chosen.push_back((*values)[static_cast<std::size_t>(place)]);
  }
  importer.set_integers(node, std::move(chosen));
}

void import_slice(Importer& importer, const ImportNode& node) {
  const auto values = importer.integers(node, 0);
  auto starts = node.integers("starts"), ends = node.integers("ends");
  if (!starts) starts = importer.integers(node, 1);
  if (!ends) ends = importer.integers(node, 2);
  auto axes = node.integers("axes");
  if (!axes) axes = importer.integers(node, 3);
  const auto steps = importer.integers(node, 4);
  const std::vector<Index> zero = {0}, one = {1};
  const bool known = values && starts && ends && starts->size() == 1 && ends->size() == 1;
  if (!known || axes.value_or(zero) != zero || steps.value_or(one) != one) {
    node.fail("only extents of shapes are supported, one after the other");
  }
  const auto count = static_cast<Index>(values->size());
  const auto place = [&](Index index) {
    return std::clamp<Index>(index < 0 ? index + count : index, 0, count);
  };
  const Index begin = place(starts->front()), end = std::max(begin, place(ends->front()));
  importer.set_integers(node, {values->begin() + begin, values->begin() + end});
}

void import_cast(Importer& importer, const ImportNode& node) {
  const auto to = static_cast<OnnxType>(node.integer("to", 0));
  const OnnxTensor* constant = importer.find_constant(node.input(0));
  // Floats are made fp32 wherever they are read.
  if (constant != nullptr && is_real(constant->type) && (to == OnnxType::f32 || to == OnnxType::f64)) {
    return importer.set_constant(node, *constant);
  }
  const auto integers = importer.is_value(node.input(0)) ? std::nullopt : importer.integers(node, 0);
  if (!integers) node.fail("only that of constants and of extents of shapes is supported");
  importer.set_integers(node, *integers);
}

}  // namespace mien::model
