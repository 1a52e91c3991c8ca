// The text form of ModelSpec.
#include "mien/model/spec.hpp"

#include <map>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "model/planner.hpp"
#include "model/spec_words.hpp"

namespace mien::model {
namespace {

constexpr std::size_t kMaxSpecBytes = 1 << 20;
constexpr std::string_view kSame = "same";
constexpr std::string_view kValid = "valid";
constexpr std::string_view kPad = "pad";

// Takes a layer's fields from its words.
class FieldReader {
 public:
  explicit FieldReader(LayerWords& words) : words_(words) {}

  void number(const NumberName& name, Index& value, const Limits<Index>& limits) {
    if (!absent_) value = words_.integer(name.one, limits);
  }
  void number(const NumberName& name, float& value, const Limits<float>& limits) {
    if (!absent_) value = words_.number(name.one, limits);
  }
  void window(const NumberName& name, WindowSize& value, const Limits<Index>& limits) {
    value = words_.window(name.one, limits);
  }
  void padding(Padding& value) {
    if (words_.accept(kSame)) {
      value = Padding::same;
    } else if (words_.accept(kValid)) {
      value = Padding::valid;
    } else if (words_.accept(kPad)) {
      value = words_.zeros();
    }
  }
  void option(std::string_view word, const NumberName& name, Index& value, const Limits<Index>& limits) {
    if (words_.accept(word)) value = words_.integer(name.one, limits);
  }
  void without(std::string_view word, bool& value) { value = !words_.accept(word); }
  void rest_may_be_absent() { absent_ = words_.done(); }
  void value(std::string_view what, std::string& name) { name = words_.value(what); }
  void values(std::string_view what, std::vector<std::string>& names) {
    do {
      names.push_back(words_.value(what));
    } while (!words_.done());
  }

 private:
  LayerWords& words_;
  bool absent_ = false;
};

// Writes them as the canonical text has them: an option is left out where it says what is so without it.
class FieldWriter {
 public:
  explicit FieldWriter(std::string_view kind) : text_(kind) {}
  const std::string& text() const { return text_; }

  void number(const NumberName&, const Index& value, const Limits<Index>&) { add(std::to_string(value)); }
  void number(const NumberName&, const float& value, const Limits<float>&) { add(number_text(value)); }
  void window(const NumberName&, const WindowSize& value, const Limits<Index>&) {
    const std::string height = std::to_string(value.height);
    add(value.height == value.width ? height : height + "x" + std::to_string(value.width));
  }
  void padding(const Padding& value) {
    if (value == Padding::same || value == Padding::valid) return add(value == Padding::same ? kSame : kValid);
    add(kPad);
    add(std::to_string(value.top));
    if (value == Padding::zeros(value.top, value.top, value.top, value.top)) return;
    for (const Index pad : {value.left, value.bottom, value.right}) add(std::to_string(pad));
  }
  void option(std::string_view word, const NumberName&, const Index& value, const Limits<Index>& limits) {
    if (value == limits.low) return;
    add(word);
    add(std::to_string(value));
  }
  void without(std::string_view word, const bool& value) {
    if (!value) add(word);
  }
  void rest_may_be_absent() {}
  void value(std::string_view, const std::string& name) { add(name); }
  void values(std::string_view, const std::vector<std::string>& names) {
    for (const std::string& name : names) add(name);
  }

 private:
  void add(std::string_view word) { (text_ += ' ') += word; }

  std::string text_;
};

// Calls use(Kind{}) for each kind, until one returns true; whether one did.
template <typename Use, std::size_t... kPlaces>
bool for_each_kind(Use use, std::index_sequence<kPlaces...>) {
  return (use(std::variant_alternative_t<kPlaces, LayerSpec>{}) || ...);
}
template <typename Use>
bool for_each_kind(Use use) {
  return for_each_kind(use, std::make_index_sequence<std::variant_size_v<LayerSpec>>());
}

std::string known_kinds() {
  std::string names;
  for_each_kind([&](const auto& kind) {
    (names += kind.kKind) += ", ";
    return false;
  });
  return "input, " + names + "output";
}

LayerSpec parse_layer(LayerWords& words) {
  const std::string_view name = words.kind().text;
  words.skip();
  LayerSpec layer;
  const bool known = for_each_kind([&](auto kind) {
    if (name != kind.kKind) return false;
    FieldReader reader(words);
    kind.fields(kind, reader);
    layer = kind;
    return true;
  });
  if (!known) words.fail(words.kind(), "unknown layer `" + std::string(name) + "`; known: " + known_kinds());
  return layer;
}

std::string place_text(const Word& word) {
  return std::to_string(word.line) + ":" + std::to_string(word.column);
}

// Reads a text layer by layer.
class SpecReader {
 public:
  explicit SpecReader(std::vector<LayerWords> layers) : layers_(std::move(layers)) {}

  enum class Unread { refused, accepted };
  ModelSpec read(Unread unread = Unread::refused) {
    auto words = layers_.begin();
    if (words != layers_.end() && words->kind().text == kInput) read_input(*words++);
    Planner planner(spec_);
    for (; words != layers_.end(); ++words) {
      if (words->kind().text == kInput) words->fail(words->kind(), "`input` must come first");
      if (!spec_.outputs.empty()) words->fail(words->kind(), "nothing may come behind `output`");
      if (words->kind().text == kOutput) {
        read_outputs(*words);
      } else {
        read_layer(*words, planner);
      }
    }
    const Graph graph = std::move(planner).finish(spec_.outputs);
    if (unread == Unread::refused) check_all_read(graph);
    return std::move(spec_);
  }

 private:
  static constexpr std::string_view kInput = "input";
  static constexpr std::string_view kOutput = "output";

  void read_input(LayerWords& words) {
    words.skip();
    spec_.channels = words.integer("a number of channels", ModelSpec::kChannels);
    spec_.height = words.integer("a height", ModelSpec::kEdge);
    spec_.width = words.integer("a width", ModelSpec::kEdge);
    words.expect_end();
    spec_.input_tag = take_tag(words);
  }

  void read_layer(LayerWords& words, Planner& planner) {
    const LayerSpec layer = parse_layer(words);
    words.expect_end();
    // The last words of a layer that names values are those names.
    const std::vector<std::string> names = named_values(layer);
    for (std::size_t i = 0; i < names.size(); ++i) {
      check_reference(words, words.words()[words.words().size() - names.size() + i]);
    }
    spec_.layers.emplace_back(layer, take_tag(words));
    try {
      planner.add(spec_.layers.back());
    } catch (const ArgumentError& error) {
      words.fail(words.kind(), error.what());
    }
  }

  void read_outputs(LayerWords& words) {
    words.skip();
    do {
      spec_.outputs.push_back(words.value("the name of a value"));
      check_reference(words, words.words()[spec_.outputs.size()]);
      if (std::find(spec_.outputs.begin(), spec_.outputs.end() - 1, spec_.outputs.back()) !=
          spec_.outputs.end() - 1) {
        words.fail(words.words()[spec_.outputs.size()], "`" + spec_.outputs.back() + "` is an output already");
      }
    } while (!words.done());
    if (!words.tag().text.empty()) words.fail(words.tag(), "an output has its name already");
  }

  void check_all_read(const Graph& graph) const {
    const int unread = first_unread(graph);
    if (unread == Node::kNetworkInput) return;
    const bool input = layers_.front().kind().text == kInput;
    const LayerWords& words = layers_[static_cast<std::size_t>(unread) + (input ? 1 : 0)];
    words.fail(words.kind(), "[" + graph.nodes[static_cast<std::size_t>(unread)].name + "] " + kUnread);
  }

  std::string take_tag(const LayerWords& words) {
    const Word& tag = words.tag();
    if (tag.text.empty()) return {};
    const auto [earlier, is_new] = tags_.emplace(tag.text, tag);
    if (!is_new) {
      words.fail(tag, "`" + std::string(tag.text) + "` is the name of another value already, at " +
                          place_text(earlier->second));
    }
    return std::string(tag.text);
  }

  void check_reference(const LayerWords& words, const Word& name) const {
    if (tags_.contains(name.text)) return;
    for (const LayerWords& layer : layers_) {
      if (layer.tag().text != name.text) continue;
      words.fail(name, "`" + std::string(name.text) + "` names a value that comes only at " +
                           place_text(layer.tag()) + "; layers read what is before them");
    }
    words.fail(name, "no value is named `" + std::string(name.text) + "`; `as " + std::string(name.text) +
                         "` behind a layer names its value");
  }

  std::vector<LayerWords> layers_;
  ModelSpec spec_;
  std::map<std::string_view, Word> tags_;  // so far
};

}  // namespace

bool is_tag(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= kLongest && letter(text[0]) && text != "as" &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; });
}

std::string layer_text(const Layer& layer) {
  const std::string text = std::visit(
      [](const auto& kind) {
        FieldWriter writer(kind.kKind);
        kind.fields(kind, writer);
        return writer.text();
      },
      layer.spec);
  return layer.tag.empty() ? text : text + " as " + layer.tag;
}

void check_beginning(std::string_view text, std::string_view source) {
  (void)SpecReader(split_layers(text, source)).read(SpecReader::Unread::accepted);
}

ModelSpec ModelSpec::from_text(std::string_view text, std::string_view source) {
  if (text.size() > kMaxSpecBytes) {
    throw ArgumentError(std::string(source) + ": larger than the limit of " + std::to_string(kMaxSpecBytes) +
                        " bytes");
  }
  ModelSpec spec = SpecReader(split_layers(text, source)).read();
  if (spec.layers.empty()) throw ArgumentError(std::string(source) + ":1:1: no layers");
  return spec;
}

ModelSpec ModelSpec::from_file(const std::string& path) {
  const std::string file = read_file(path, kMaxSpecBytes);
  return from_text(utf8_text(file, path), path);
}

std::string ModelSpec::to_text() const {
  std::string text =
      "input " + std::to_string(channels) + " " + std::to_string(height) + " " + std::to_string(width);
  if (!input_tag.empty()) text += " as " + input_tag;
  for (const Layer& layer : layers) text += " | " + layer_text(layer);
  if (!outputs.empty()) text += " | output";
  for (const std::string& output : outputs) text += " " + output;
  return text;
}

namespace {

// In front of what comes next.
void set_dropout(std::vector<Layer>& layers, float rate) {
  const bool there = !layers.empty() && std::holds_alternative<DropoutSpec>(layers.back().spec);
  if (there && !layers.back().tag.empty()) {  // somebody reads it by name
    layers.back().spec = DropoutSpec{rate};
    return;
  }
  if (there) layers.pop_back();
  if (rate > 0) layers.emplace_back(DropoutSpec{rate});
}

}  // namespace

ModelSpec with_dropout(const ModelSpec& spec, float rate) {
  if (!(rate >= DropoutSpec::kRate.low && rate <= DropoutSpec::kRate.high)) {
    throw ArgumentError("[dropout] the rate must be 0 to 0.99, got " + std::to_string(rate));
  }
  ModelSpec result = spec;
  result.layers.clear();
  for (const Layer& layer : spec.layers) {
    if (std::holds_alternative<DenseSpec>(layer.spec)) set_dropout(result.layers, rate);
    result.layers.push_back(layer);
  }
  return result;
}

ModelSpec fitted(const ModelSpec& spec, const Shape& input, Index classes) {
  ModelSpec result = spec;
  result.channels = input[0];
  result.height = input[1];
  result.width = input[2];
  DenseSpec* last = result.layers.empty() ? nullptr : std::get_if<DenseSpec>(&result.layers.back().spec);
  if (last == nullptr) throw ArgumentError("[fitted] the last layer is no dense one");
  last->out = classes;
  if (class_count(result) != classes) throw ArgumentError("[fitted] the dense layer is not the output");
  return result;
}

}  // namespace mien::model
