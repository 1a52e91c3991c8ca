#include "model/onnx/network_text.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/model/graph.hpp"
#include "model/planner.hpp"

namespace mien::model {
namespace {

constexpr std::size_t kMaxTag = 64;

// A name made one that a text can have.
std::string tag_of(const std::string& name) {
  std::string tag;
  for (const char c : name) {
    const bool plain = is_tag(std::string("_") + c);
    if (tag.size() < kMaxTag) tag += plain ? c : '_';
  }
  if (!is_tag(tag)) tag = "_" + tag.substr(0, kMaxTag - 1);
  return tag;
}

// Another name where this one is taken.
std::string free_name(const std::string& name, std::set<std::string>& taken) {
  std::string free = name;
  for (int i = 2; !taken.insert(free).second; ++i) {
    const std::string number = "_" + std::to_string(i);
    free = name.substr(0, kMaxTag - number.size()) + number;
  }
  return free;
}

}  // namespace

int NetworkText::add(std::string layer, int from, const std::vector<int>& others, std::vector<Tensor> weights,
                     std::string origin) {
  if (layers_.size() == ModelSpec::kMaxLayers) {
    throw DataError(origin + ": more than " + std::to_string(ModelSpec::kMaxLayers) + " layers");
  }
  layers_.push_back({std::move(layer), from, others, std::move(weights), std::move(origin)});
  return static_cast<int>(layers_.size()) - 1;
}

// The first is the input's, then one for each layer; empty where nothing needs a name.
std::vector<std::string> NetworkText::tags(const std::vector<Output>& outputs) const {
  std::vector<std::string> tags(layers_.size() + 1);
  std::set<std::string> taken;
  const auto tag = [&](int layer) -> std::string& { return tags[static_cast<std::size_t>(layer + 1)]; };
  const int last = static_cast<int>(layers_.size()) - 1;
  if (outputs.size() > 1 || outputs.front().layer != last) {
    for (const Output& output : outputs) {
      if (tag(output.layer).empty()) tag(output.layer) = free_name(tag_of(output.name), taken);
    }
  }
  std::set<int> read;  // by name
  for (int i = 0; i <= last; ++i) {
    const Layer& layer = layers_[static_cast<std::size_t>(i)];
    if (layer.from != i - 1) read.insert(layer.from);
    read.insert(layer.others.begin(), layer.others.end());
  }
  int count = 0;
  for (const int layer : read) {
    if (tag(layer).empty()) tag(layer) = free_name("x" + std::to_string(++count), taken);
  }
  return tags;
}

std::string NetworkText::text(const Shape& input, const std::vector<std::string>& tags,
                              std::size_t layers) const {
  const auto as = [&](std::size_t i) { return tags[i].empty() ? std::string() : " as " + tags[i]; };
  std::string text = "input";
  for (const Index extent : input.extents()) text += " " + std::to_string(extent);
  text += as(0);
  for (std::size_t i = 0; i < layers; ++i) {
    const Layer& layer = layers_[i];
    if (layer.from != static_cast<int>(i) - 1)
      text += " | from " + tags[static_cast<std::size_t>(layer.from + 1)];
    text += " | " + layer.text;
    for (const int other : layer.others) text += " " + tags[static_cast<std::size_t>(other + 1)];
    text += as(i + 1);
  }
  return text;
}

void NetworkText::drop_unread(std::vector<Output>& outputs) {
  std::vector<bool> read(layers_.size());
  const auto mark = [&](int layer) {
    if (layer != kInput) read[static_cast<std::size_t>(layer)] = true;
  };
  for (const Output& output : outputs) mark(output.layer);
  for (std::size_t i = layers_.size(); i-- > 0;) {
    if (!read[i]) continue;
    mark(layers_[i].from);
    std::for_each(layers_[i].others.begin(), layers_[i].others.end(), mark);
  }
  std::vector<int> moved(layers_.size());
  const auto follow = [&](int& layer) {
    if (layer != kInput) layer = moved[static_cast<std::size_t>(layer)];
  };
  std::vector<Layer> left;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (!read[i]) continue;
    moved[i] = static_cast<int>(left.size());
    follow(layers_[i].from);
    std::for_each(layers_[i].others.begin(), layers_[i].others.end(), follow);
    left.push_back(std::move(layers_[i]));
  }
  for (Output& output : outputs) follow(output.layer);
  layers_ = std::move(left);
}

void NetworkText::finish(const Shape& input, std::vector<Output> outputs, const std::string& where,
                         ModelFile& model) {
  drop_unread(outputs);
  if (layers_.empty()) throw DataError(where + "a network without layers");
  const std::vector<std::string> names = tags(outputs);
  std::string whole = text(input, names, layers_.size());
  if (outputs.size() > 1 || outputs.front().layer != static_cast<int>(layers_.size()) - 1) {
    whole += " | output";
    for (const Output& output : outputs) whole += " " + names[static_cast<std::size_t>(output.layer + 1)];
  }
  try {
    model.spec = ModelSpec::from_text(whole, "network");
  } catch (const ArgumentError&) {
    fail(input, names, where);
  }
  const std::vector<ParameterSpec> parameters = parameters_of(plan(model.spec));
  for (const Layer& layer : layers_) {
    for (const Tensor& weight : layer.weights) {
      const std::size_t next = model.weights.size();
      if (next == parameters.size() || parameters[next].shape != weight.shape()) {
        throw DataError(where + layer.origin + ": a weight of " + weight.shape().to_string() +
                        " does not fit the layer `" + layer.text + "`");
      }
      model.weights.push_back({parameters[next].name, weight});
    }
  }
  if (model.weights.size() != parameters.size()) {
    throw DataError(where + "the network lacks " + parameters[model.weights.size()].name);
  }
}

// The shortest beginning that is refused ends with the layer to blame; what it gives nobody may read yet.
void NetworkText::fail(const Shape& input, const std::vector<std::string>& tags,
                       const std::string& where) const {
  const auto problem = [&](std::size_t layers) -> std::string {
    try {
      check_beginning(text(input, tags, layers), "network");
      return {};
    } catch (const ArgumentError& error) {
      const std::string text = error.what();
      return text.substr(text.find(": ") + 2);  // without the place, in a text that nobody has seen
    }
  };
  std::size_t good = 0, bad = layers_.size();
  if (problem(bad).empty()) throw DataError(where + "the network's outputs cannot be told apart");
  while (bad - good > 1) {
    const std::size_t middle = good + (bad - good) / 2;
    (problem(middle).empty() ? good : bad) = middle;
  }
  throw DataError(where + layers_[bad - 1].origin + ": " + problem(bad));
}

}  // namespace mien::model
