// Operators of two values or more.
#include <algorithm>
#include <cmath>
#include <limits>

#include "mien/core/text.hpp"
#include "model/onnx/import.hpp"
#include "model/onnx/values.hpp"

namespace mien::model {
namespace {

// ---- preparation of the image ----

struct Operands {
  std::size_t value = 0;     // which of the two inputs depends on the image
  std::size_t constant = 1;  // and which does not
};

std::optional<Operands> with_constant(const Importer& importer, const ImportNode& node) {
  if (importer.find_constant(node.input(1)) != nullptr) return Operands{0, 1};
  if (importer.find_constant(node.input(0)) != nullptr) return Operands{1, 0};
  return std::nullopt;
}

// One value for each pixel of an image of one channel.
Tensor plane_of(Importer& importer, const ImportNode& node, const Tensor& values, const Shape& image) {
  if (image[0] != 1) node.fail("it is supported for one channel, the image has " + std::to_string(image[0]));
  Tensor plane = importer.make(node, {image[1], image[2]});
  const auto extents = values.shape().extents();
  const bool each = extents.size() >= 2 && extents[extents.size() - 1] == image[2] &&
                    extents[extents.size() - 2] == image[1] && values.size() == plane.size();
  if (values.size() != 1 && !each)
    node.fail("a constant of " + values.shape().to_string() + " is not supported");
  for (Index i = 0; i < plane.size(); ++i) plane.mutable_data()[i] = values.data()[values.size() == 1 ? 0 : i];
  return plane;
}

template <typename Function>
Tensor each(Tensor values, Function function) {
  float* const data = values.mutable_data();
  std::transform(data, data + values.size(), data, function);
  return values;
}

// Steps of v = p scale, then (v - mean) inv_std, that a graph begins with.
void prepare(Importer& importer, const ImportNode& node, const Operands& operands) {
  const ImportValue from = importer.value(node, operands.value);
  const std::string& name = node.input(operands.value);
  if (from.layer != NetworkText::kInput || !from.is_image()) node.fail("a constant here is not supported");
  if (importer.reader_count(name) != 1) node.fail("the image is read without this step, too");
  const bool shifts = node.op() == "Add" || node.op() == "Sub", divides = node.op() == "Div";
  if (operands.constant == 0 && (divides || node.op() == "Sub"))
    node.fail("a constant in front is not supported");
  const Tensor values = importer.reals(node, operands.constant);
  image::Normalization& n = importer.normalization();
  if (!shifts && !n.mean.defined() && !n.inv_std.defined() && values.size() == 1) {
    n.scale = divides ? n.scale / values.data()[0] : n.scale * values.data()[0];
  } else if (n.inv_std.defined() || (shifts && n.mean.defined())) {
    node.fail("the image is prepared in more steps than one factor, one mean and one deviation");
  } else if (shifts) {
    const float sign = node.op() == "Add" ? -1.0f : 1.0f;
    n.mean = each(plane_of(importer, node, values, from.shape), [&](float value) { return sign * value; });
  } else {
    n.inv_std = each(plane_of(importer, node, values, from.shape),
                     [&](float value) { return divides ? 1 / value : value; });
  }
  const auto is_finite = [](float value) { return std::abs(value) <= std::numeric_limits<float>::max(); };
  const auto known = n.inv_std.values();
  if (!is_finite(n.scale) || !std::all_of(known.begin(), known.end(), is_finite))
    node.fail("it divides by zero");
  importer.set_value(node, from);
}

// ---- values joined with each other ----

void require_two(const ImportNode& node) {
  if (node.input_count() != 2) node.fail("expected two inputs, found " + std::to_string(node.input_count()));
}

// Of two values the one that is more likely to be at hand, and the other.
const ImportValue& later(const ImportValue& a, const ImportValue& b) {
  return a.layer > b.layer ? a : b;
}
const ImportValue& earlier(const ImportValue& a, const ImportValue& b) {
  return a.layer > b.layer ? b : a;
}

// x f(x), where one operand is f of the other; false where it is not.
bool import_self_gate(Importer& importer, const ImportNode& node) {
  for (std::size_t i = 0; i < 2; ++i) {
    const OnnxNode* giver = importer.giver(node.input(i));
    if (giver == nullptr || !giver->domain.empty() || giver->inputs.empty()) continue;
    if (giver->inputs[0] != node.input(1 - i)) continue;
    if (giver->op != "Sigmoid" && giver->op != "HardSigmoid") continue;
    const ImportValue from = importer.value(node, 1 - i);
    const char* const text = giver->op == "Sigmoid" ? "silu" : "hswish";
    importer.set_value(node, importer.add(node, text, from, from.shape));
    return true;
  }
  return false;
}

// A factor for each channel of an image.
void import_gate(Importer& importer, const ImportNode& node) {
  std::size_t image = 0;
  const auto is_one_pixel = [](const ImportValue& value) {
    return value.rank() == 4 && (value.is_vector() || (value.shape[1] == 1 && value.shape[2] == 1));
  };
  if (is_one_pixel(importer.value(node, 0)) && !is_one_pixel(importer.value(node, 1))) image = 1;
  const ImportValue from = importer.value(node, image);
  ImportValue factors = importer.value(node, 1 - image);
  if (!from.is_image() || !is_one_pixel(factors) || factors.shape[0] != from.shape[0]) {
    node.fail("a product of " + from.shape.to_string() + " and " + factors.shape.to_string() +
              " is not supported; of an image and one factor for each of its channels it is");
  }
  if (!factors.is_vector()) factors = importer.add(node, "flatten", factors, {factors.shape[0]});
  ImportValue result =
      importer.add(node, "gate", later(from, factors), from.shape, {}, {earlier(from, factors).layer});
  result.planes = false;
  importer.set_value(node, result);
}

// Extents of shapes, or factors of a Resize.
void concat_constants(Importer& importer, const ImportNode& node) {
  const auto require_few = [&](std::size_t count) {
    if (count > Shape::kMaxRank) node.fail("more numbers than a shape has extents are not supported");
  };
  const OnnxTensor* first = importer.find_constant(node.input(0));
  std::vector<Index> integers;
  std::vector<float> reals;
  for (std::size_t i = 0; i < node.input_count(); ++i) {
    if (first != nullptr && is_real(first->type)) {
      const Tensor some = importer.reals(node, i);
      reals.insert(reals.end(), some.values().begin(), some.values().end());
    } else {
      for (const Index one : importer.integers(node, i).value_or(std::vector<Index>())) integers.push_back(one);
    }
    require_few(std::max(integers.size(), reals.size()));
  }
  if (reals.empty()) return importer.set_integers(node, std::move(integers));
  OnnxGraph made;
  made.reals({}, reals);
  importer.set_constant(node, made.tensors[0]);
}

}  // namespace

void import_add(Importer& importer, const ImportNode& node) {
  require_two(node);
  if (const auto operands = with_constant(importer, node)) return prepare(importer, node, *operands);
  const ImportValue a = importer.value(node, 0), b = importer.value(node, 1);
  if (a.shape != b.shape || a.rank() != b.rank()) {
    node.fail("a sum of " + a.shape.to_string() + " and " + b.shape.to_string() + " is not supported");
  }
  importer.set_value(node, importer.add(node, "add", later(a, b), a.shape, {}, {earlier(a, b).layer}));
}

void import_sub(Importer& importer, const ImportNode& node) {
  require_two(node);
  const auto operands = with_constant(importer, node);
  if (!operands) node.fail("differences of values are not supported");
  prepare(importer, node, *operands);
}

void import_mul(Importer& importer, const ImportNode& node) {
  require_two(node);
  if (const auto operands = with_constant(importer, node)) return prepare(importer, node, *operands);
  if (!import_self_gate(importer, node)) import_gate(importer, node);
}

void import_div(Importer& importer, const ImportNode& node) {
  require_two(node);
  const auto operands = with_constant(importer, node);
  if (!operands) node.fail("quotients of values are not supported");
  const OnnxNode* reader = importer.only_reader(node.output());
  const bool at_end = reader != nullptr && reader->op == "Softmax" && reader->domain.empty();
  if (!at_end || operands->constant == 0) return prepare(importer, node, *operands);
  const float temperature = importer.real(node, 1, 1);
  if (!is_temperature(temperature)) node.fail("it divides by " + format_number(temperature));
  importer.temperature() = temperature;
  importer.set_value(node, importer.value(node, 0));
}

void import_concat(Importer& importer, const ImportNode& node) {
  if (node.input_count() == 0) node.fail("it has no inputs");
  Index axis = node.integer("axis", 1);
  if (!importer.is_value(node.input(0))) return concat_constants(importer, node);
  const ImportValue first = importer.settled(node, 0);
  if (axis < 0) axis += first.rank();
  if (axis != 1)
    node.fail("along axis " + std::to_string(axis) + " is not supported; along channels, 1, it is");
  std::vector<int> others;
  Index channels = first.shape[0];
  for (std::size_t i = 1; i < node.input_count(); ++i) {
    const ImportValue other = importer.settled(node, i);
    const bool fits = other.rank() == first.rank() && other.shape.rank() == first.shape.rank();
    if (!fits) node.fail("images and values cannot be joined");
    channels += other.shape[0];
    others.push_back(other.layer);
  }
  if (others.empty()) return importer.set_value(node, first);
  const Shape shape = first.is_vector() ? Shape{channels} : Shape{channels, first.shape[1], first.shape[2]};
  importer.set_value(node, importer.add(node, "concat", first, shape, {}, others));
}

}  // namespace mien::model
