// What follows from a list of layers: shapes, names, parameters, who reads whom.
#include <algorithm>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "model/planner.hpp"

namespace mien::model {
namespace {

// No sane network of this library's kind comes near; a hostile file may.
constexpr Index kMaxActivation = Index{1} << 28;
constexpr std::int64_t kMaxWeights = std::int64_t{1} << 31;

std::string text(Index value) {
  return std::to_string(value);
}
std::string text(float value) {
  return format_number(shortest_decimal(value));
}

// "conv1", but "relu6_1": "relu61" is a ReLU.
std::string numbered(std::string_view kind, int ordinal) {
  const bool digit = kind.back() >= '0' && kind.back() <= '9';
  return std::string(kind) + (digit ? "_" : "") + std::to_string(ordinal);
}

// A specification need not come from a text.
template <typename Number>
void require(const std::string& where, std::string_view what, Number value, const Limits<Number>& limits) {
  if (value >= limits.low && value <= limits.high) return;
  throw ArgumentError("[" + where + "] " + std::string(what) + " must be " + text(limits.low) + " to " +
                      text(limits.high) + ", got " + text(value));
}

// Holds a layer's numbers against their limits.
struct FieldChecker : NoFields {
  const std::string& where;
  explicit FieldChecker(const std::string& name) : where(name) {}

  template <typename Number>
  void number(const NumberName& name, const Number& value, const Limits<Number>& limits) const {
    require(where, name.the, value, limits);
  }
  template <typename Number>
  void option(std::string_view, const NumberName& name, const Number& value,
              const Limits<Number>& limits) const {
    require(where, name.the, value, limits);
  }
  void window(const NumberName& name, const WindowSize& value, const Limits<Index>& limits) const {
    require(where, name.the, value.height, limits);
    require(where, name.the, value.width, limits);
  }
  void values(std::string_view what, const std::vector<std::string>& names) const {
    if (names.empty()) throw ArgumentError("[" + where + "] needs " + std::string(what));
  }
};

struct ValueCollector : NoFields {
  std::vector<std::string>& names;
  explicit ValueCollector(std::vector<std::string>& to) : names(to) {}

  void value(std::string_view, const std::string& name) const { names.push_back(name); }
  void values(std::string_view, const std::vector<std::string>& all) const {
    names.insert(names.end(), all.begin(), all.end());
  }
};

}  // namespace

std::vector<std::string> named_values(const LayerSpec& layer) {
  std::vector<std::string> names;
  std::visit(
      [&](const auto& kind) {
        ValueCollector collector(names);
        kind.fields(kind, collector);
      },
      layer);
  return names;
}

Planner::Planner(const ModelSpec& spec) {
  require("input", "the number of channels", spec.channels, ModelSpec::kChannels);
  require("input", "the height", spec.height, ModelSpec::kEdge);
  require("input", "the width", spec.width, ModelSpec::kEdge);
  graph_.input = spec.input_shape();
  if (graph_.input.size() > kMaxActivation) {
    throw ArgumentError("[input] too large: " + graph_.input.to_string());
  }
  set_tag(spec.input_tag, Node::kNetworkInput);
}

void Planner::set_tag(const std::string& tag, int node) {
  if (tag.empty()) return;
  if (!is_tag(tag)) throw ArgumentError("[spec] " + quote(tag) + " cannot name a value");
  if (!tags_.emplace(tag, node).second) throw ArgumentError("[spec] two values are named `" + tag + "`");
}

int Planner::find(const std::string& where, const std::string& tag) const {
  const auto found = tags_.find(tag);
  if (found == tags_.end()) throw ArgumentError("[" + where + "] no value before it is named " + quote(tag));
  return found->second;
}

std::vector<int> Planner::inputs_of(const Layer& layer, const std::string& name) const {
  std::vector<int> inputs;
  if (!std::holds_alternative<FromSpec>(layer.spec)) {
    inputs.push_back(static_cast<int>(graph_.nodes.size()) - 1);
    static_assert(Node::kNetworkInput == -1);
  }
  for (const std::string& value : named_values(layer.spec)) inputs.push_back(find(name, value));
  return inputs;
}

void Planner::add(const Layer& layer) {
  if (graph_.nodes.size() == ModelSpec::kMaxLayers) throw ArgumentError("[spec] more than 1000 layers");
  Node node{{.name = {}, .input_shapes = {}, .output = {}, .parameters = {}},
            layer.spec,
            static_cast<int>(graph_.nodes.size()),
            {}};
  std::visit(
      [&](const auto& kind) {
        node.name = numbered(kind.kKind, ++ordinals_[kind.kKind]);
        const FieldChecker checker(node.name);
        kind.fields(kind, checker);
        node.inputs = inputs_of(layer, node.name);
        for (const int input : node.inputs) node.input_shapes.push_back(graph_.shape_of(input));
        node.output = node.input();
        kind.place(node);
      },
      layer.spec);
  for (const ParameterSpec& parameter : node.parameters) weights_ += parameter.shape.size();
  if (node.output.size() > kMaxActivation) node.fail("its output is too large: " + node.output.to_string());
  if (weights_ > kMaxWeights) node.fail("the network has more than 2^31 weights");
  set_tag(layer.tag, node.place);
  graph_.nodes.push_back(std::move(node));
}

Graph Planner::finish(const std::vector<std::string>& outputs) && {
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    graph_.outputs.push_back(find("output", *output));
    if (std::find(outputs.begin(), output, *output) != output) {
      throw ArgumentError("[output] `" + *output + "` is named twice");
    }
  }
  if (outputs.empty()) graph_.outputs.push_back(static_cast<int>(graph_.nodes.size()) - 1);
  return std::move(graph_);
}

Graph plan(const ModelSpec& spec) {
  Planner planner(spec);
  for (const Layer& layer : spec.layers) planner.add(layer);
  const Graph graph = std::move(planner).finish(spec.outputs);
  if (const int unread = first_unread(graph); unread != Node::kNetworkInput) {
    graph.nodes[static_cast<std::size_t>(unread)].fail(kUnread);
  }
  return graph;
}

int first_unread(const Graph& graph) {
  const std::vector<int> last = last_readers(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (last[i] == static_cast<int>(i)) return static_cast<int>(i);
  }
  return Node::kNetworkInput;
}

int Graph::single_output() const {
  if (outputs.size() != 1) {
    throw ArgumentError("[spec] one output is needed, the network has " + std::to_string(outputs.size()));
  }
  return outputs[0];
}

std::vector<int> last_readers(const Graph& graph) {
  const int count = static_cast<int>(graph.nodes.size());
  std::vector<int> last(graph.nodes.size() + 1);
  const auto at = [&](int node) -> int& { return last[entry_of(node, graph.nodes.size())]; };
  for (int i = Node::kNetworkInput; i < count; ++i) at(i) = i;
  for (int i = 0; i < count; ++i) {
    for (const int input : graph.nodes[static_cast<std::size_t>(i)].inputs) at(input) = i;
  }
  for (const int output : graph.outputs) at(output) = count;
  return last;
}

std::vector<ParameterSpec> parameters_of(const Graph& graph) {
  std::vector<ParameterSpec> all;
  for (const Node& node : graph.nodes) all.insert(all.end(), node.parameters.begin(), node.parameters.end());
  return all;
}

Index class_count(const ModelSpec& spec) {
  const Graph graph = plan(spec);
  if (graph.nodes.empty()) throw ArgumentError("[spec] no layers");
  const int output = graph.single_output();
  const Shape& shape = graph.shape_of(output);
  if (shape.rank() != 1) {
    const std::string name =
        output == Node::kNetworkInput ? "input" : graph.nodes[static_cast<std::size_t>(output)].name;
    throw ArgumentError("[" + name + "] the last layer must give one value a class, it gives " +
                        shape.to_string());
  }
  if (shape[0] > kMaxClasses) {
    throw ArgumentError("[spec] " + std::to_string(shape[0]) + " classes, the limit is " +
                        std::to_string(kMaxClasses));
  }
  return shape[0];
}

Index weight_count(const ModelSpec& spec) {
  Index count = 0;
  for (const ParameterSpec& parameter : parameters_of(plan(spec))) {
    if (parameter.trainable) count += parameter.shape.size();
  }
  return count;
}

}  // namespace mien::model
