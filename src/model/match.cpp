#include "mien/model/match.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "core/stable_sort.hpp"
#include "mien/core/error.hpp"
#include "mien/model/graph.hpp"
#include "model/geometry.hpp"
#include "model/planner.hpp"

namespace mien::model {
namespace {

// A network without what predictions do not depend on.
class Essence {
 public:
  explicit Essence(const ModelSpec& spec) : graph_(plan(spec)) {
    for (const Node& node : graph_.nodes) {
      std::size_t key = std::hash<std::string>{}(text(node));
      for (const int input : inputs(node)) key = key * 31 + key_of(input);
      keys_.push_back(key);
    }
  }

  const Graph& graph() const { return graph_; }
  const Node& node(int index) const { return graph_.nodes[static_cast<std::size_t>(index)]; }
  int output(std::size_t index) const { return past(graph_.outputs[index], false); }
  /// Those of a sum in an order that does not depend on how it is written; of a gate the image first.
  std::vector<int> inputs(const Node& of) const {
    std::vector<int> result;
    for (const int input : of.inputs) result.push_back(past(input, std::holds_alternative<DenseSpec>(of.spec)));
    if (std::holds_alternative<AddSpec>(of.spec)) {
      mien::detail::stable_sort(result, [&](int a, int b) { return key_of(a) < key_of(b); });
    }
    const bool values_first = result.size() == 2 && of.input_shapes[0].rank() < of.input_shapes[1].rank();
    if (values_first) std::swap(result[0], result[1]);
    return result;
  }

  /// What a layer computes, whatever it and the values it reads are called.
  static std::string text(const Node& node) {
    LayerSpec layer = node.spec;
    if (auto* norm = std::get_if<BatchNormSpec>(&layer)) norm->momentum = BatchNormSpec().momentum;
    std::visit([&](auto& kind) { spell_out_padding(kind, node); }, layer);
    const std::string all = layer_text(layer);
    return named_values(layer).empty() ? all : all.substr(0, all.find(' '));
  }
  /// "dense2 (dense 10)"
  std::string name(int index) const {
    return index == Node::kNetworkInput ? "input (" + graph_.input.to_string() + ")"
                                        : node(index).name + " (" + layer_text(node(index).spec) + ")";
  }

 private:
  // `same`, `valid` and numbers may come to the same windows.
  template <typename Kind>
  static void spell_out_padding(Kind& kind, const Node& node) {
    if constexpr (requires { kind.padding, kind.kernel, kind.stride; }) {
      kind.padding = covered_zeros(node, kind);
    }
  }

  // The node whose value this one only hands on.
  int past(int index, bool flatten) const {
    while (index != Node::kNetworkInput) {
      const LayerSpec& layer = node(index).spec;
      const bool nothing = std::holds_alternative<FromSpec>(layer) ||
                           std::holds_alternative<DropoutSpec>(layer) ||
                           (flatten && std::holds_alternative<FlattenSpec>(layer));
      if (!nothing) break;
      index = node(index).inputs[0];
    }
    return index;
  }

  std::size_t key_of(int index) const {
    return index == Node::kNetworkInput ? 1 : keys_[static_cast<std::size_t>(index)];
  }

  Graph graph_;
  std::vector<std::size_t> keys_;  // of each node and all that it depends on
};

class Matcher {
 public:
  Matcher(const ModelFile& model, const ModelSpec& network)
      : model_(model), from_(model.spec), to_(network), partners_(to_.graph().nodes.size(), kNone) {}

  /// For each node of the network asked for, that of the model; kNone for what no output depends on.
  const std::vector<int>& match() {
    if (from_.graph().outputs.size() != to_.graph().outputs.size()) {
      fail("it has " + std::to_string(from_.graph().outputs.size()) + " outputs, the network asked for has " +
           std::to_string(to_.graph().outputs.size()));
    }
    for (std::size_t i = 0; i < to_.graph().outputs.size(); ++i)
      open_.emplace_back(from_.output(i), to_.output(i));
    while (!open_.empty()) {
      const auto [from, to] = open_.back();
      open_.pop_back();
      pair(from, to);
    }
    return partners_;
  }

  const Graph& from() const { return from_.graph(); }
  const Graph& to() const { return to_.graph(); }
  [[noreturn]] void fail(const std::string& what) const { throw DataError(model_.name + ": " + what); }
  static constexpr int kNone = -2;

 private:
  void pair(int from, int to) {
    const bool inputs = from == Node::kNetworkInput && to == Node::kNetworkInput;
    const bool either = from == Node::kNetworkInput || to == Node::kNetworkInput;
    if (inputs ? from_.graph().input != to_.graph().input
               : either || Essence::text(from_.node(from)) != Essence::text(to_.node(to))) {
      fail(from_.name(from) + " is " + to_.name(to) + " in the network asked for");
    }
    if (inputs) return;
    int& partner = partners_[static_cast<std::size_t>(to)];
    if (partner == from) return;
    if (partner != kNone) {
      fail(from_.name(from) + " and " + from_.name(partner) + " are one layer, " + to_.name(to) +
           ", in the network asked for");
    }
    partner = from;
    const std::vector<int> a = from_.inputs(from_.node(from)), b = to_.inputs(to_.node(to));
    if (a.size() != b.size()) {
      fail(from_.name(from) + " joins " + std::to_string(a.size()) + " values, " + to_.name(to) +
           " in the network asked for " + std::to_string(b.size()));
    }
    for (std::size_t i = 0; i < a.size(); ++i) open_.emplace_back(a[i], b[i]);
  }

  const ModelFile& model_;
  Essence from_, to_;
  std::vector<int> partners_;
  std::vector<std::pair<int, int>> open_;
};

}  // namespace

ModelFile matched(const ModelFile& model, const ModelSpec& network) {
  Matcher matcher(model, network);
  const std::vector<int>& partners = matcher.match();
  std::map<std::string, const Weight*> weights;
  for (const Weight& weight : model.weights) weights[weight.name] = &weight;
  ModelFile result = model;
  result.spec = network;
  result.weights.clear();
  result.sample_input = result.sample_output = Tensor();
  for (const Node& node : matcher.to().nodes) {
    const int partner = partners[static_cast<std::size_t>(node.place)];
    for (std::size_t i = 0; i < node.parameters.size(); ++i) {
      if (partner == Matcher::kNone) matcher.fail("it has no " + node.name);
      const ParameterSpec& source = matcher.from().nodes[static_cast<std::size_t>(partner)].parameters[i];
      Weight weight = *weights.at(source.name);
      if (weight.shape() != node.parameters[i].shape) matcher.fail(source.name + " is of another shape");
      weight.name = node.parameters[i].name;
      result.weights.push_back(std::move(weight));
    }
  }
  return result;
}

}  // namespace mien::model
