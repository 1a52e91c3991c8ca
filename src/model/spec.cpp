// The text form of ModelSpec.
#include "mien/model/spec.hpp"

#include <charconv>
#include <utility>

#include "core/from_chars.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"

namespace mien::model {
namespace {

constexpr std::size_t kMaxSpecBytes = 1 << 20;
constexpr std::string_view kSame = "same";
constexpr std::string_view kValid = "valid";

struct Word {
  std::string_view text;
  int line;
  int column;
};

// The words of one layer, consumed from the left.
class Words {
 public:
  Words(std::vector<Word> words, std::string_view source) : words_(std::move(words)), source_(source) {}

  bool done() const { return next_ == words_.size(); }
  const Word& kind() const { return words_.front(); }
  void skip() { ++next_; }

  [[noreturn]] void fail(const Word& at, const std::string& what) const {
    throw ArgumentError(std::string(source_) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                        ": " + what);
  }

  Index integer(std::string_view what, const Limits<Index>& limits) {
    const Word& word = take(what);
    Index value = 0;
    const auto [end, error] = std::from_chars(word.text.data(), word.text.data() + word.text.size(), value);
    if (error != std::errc() || end != word.text.data() + word.text.size() || value < limits.low ||
        value > limits.high) {
      fail(word, std::string(what) + " must be an integer " + std::to_string(limits.low) + " to " +
                     std::to_string(limits.high) + ", found `" + std::string(word.text) + "`");
    }
    return value;
  }

  float number(std::string_view what, const Limits<float>& limits) {
    const Word& word = take(what);
    float value = 0;
    const auto [end, error] =
        mien::detail::from_chars(word.text.data(), word.text.data() + word.text.size(), value);
    if (error != std::errc() || end != word.text.data() + word.text.size() ||
        !(value >= limits.low && value <= limits.high)) {
      fail(word, std::string(what) + " must be a number " + number_text(limits.low) + " to " +
                     number_text(limits.high) + ", found `" + std::string(word.text) + "`");
    }
    return value;
  }

  /// True, and consumed, when the next word is `text`.
  bool accept(std::string_view text) {
    if (done() || words_[next_].text != text) return false;
    ++next_;
    return true;
  }

  void expect_end() const {
    if (!done()) fail(words_[next_], "unexpected `" + std::string(words_[next_].text) + "`");
  }

  static std::string number_text(float value) {
    char buffer[32];
    const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
    return {buffer, result.ptr};
  }

 private:
  const Word& take(std::string_view what) {
    if (done()) {
      const Word& last = words_.back();
      fail({last.text, last.line, last.column + static_cast<int>(last.text.size())},
           "`" + std::string(kind().text) + "` needs " + std::string(what));
    }
    return words_[next_++];
  }

  std::vector<Word> words_;
  std::string_view source_;
  std::size_t next_ = 0;
};

// Cuts the text into layers of words.
std::vector<Words> split(std::string_view text, std::string_view source) {
  std::vector<Words> layers;
  std::vector<Word> words;
  int line = 1;
  int column = 1;
  std::size_t i = 0;
  const auto end_layer = [&] {
    if (!words.empty()) layers.emplace_back(std::move(words), source);
    words = {};
  };
  while (i < text.size()) {
    const char c = text[i];
    if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
      continue;
    }
    if (c == '\n' || c == '|') end_layer();
    if (c == '\n' || c == '|' || c == ' ' || c == '\t' || c == '\r') {
      ++i;
      ++column;
      if (c == '\n') {
        ++line;
        column = 1;
      }
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && std::string_view(" \t\r\n|#").find(text[i]) == std::string_view::npos) ++i;
    const Word word{text.substr(begin, i - begin), line, column};
    // Words stand in messages, which terminals read.
    if (!is_printable(word.text)) {
      Words({word}, source).fail(word, "unexpected " + quote(word.text));
    }
    words.push_back(word);
    column += static_cast<int>(i - begin);
  }
  end_layer();
  return layers;
}

// Takes a layer's fields from its words.
class FieldReader {
 public:
  explicit FieldReader(Words& words) : words_(words) {}

  void number(const NumberName& name, Index& value, const Limits<Index>& limits) {
    if (!absent_) value = words_.integer(name.one, limits);
  }
  void number(const NumberName& name, float& value, const Limits<float>& limits) {
    if (!absent_) value = words_.number(name.one, limits);
  }
  void padding(Padding& value) {
    if (words_.accept(kSame)) {
      value = Padding::same;
    } else if (words_.accept(kValid)) {
      value = Padding::valid;
    }
  }
  void option(std::string_view word, const NumberName& name, Index& value, const Limits<Index>& limits) {
    if (words_.accept(word)) value = words_.integer(name.one, limits);
  }
  void without(std::string_view word, bool& value) { value = !words_.accept(word); }
  void rest_may_be_absent() { absent_ = words_.done(); }

 private:
  Words& words_;
  bool absent_ = false;
};

// Writes them as the canonical text has them: an option is left out where it says what is so without it.
class FieldWriter {
 public:
  explicit FieldWriter(std::string_view kind) : text_(kind) {}
  const std::string& text() const { return text_; }

  void number(const NumberName&, const Index& value, const Limits<Index>&) { add(std::to_string(value)); }
  void number(const NumberName&, const float& value, const Limits<float>&) { add(Words::number_text(value)); }
  void padding(const Padding& value) { add(value == Padding::same ? kSame : kValid); }
  void option(std::string_view word, const NumberName&, const Index& value, const Limits<Index>& limits) {
    if (value == limits.low) return;
    add(word);
    add(std::to_string(value));
  }
  void without(std::string_view word, const bool& value) {
    if (!value) add(word);
  }
  void rest_may_be_absent() {}

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
    (names += names.empty() ? "" : ", ") += kind.kKind;
    return false;
  });
  return names;
}

LayerSpec parse_layer(Words& words) {
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

}  // namespace

std::string layer_text(const LayerSpec& layer) {
  return std::visit(
      [](const auto& kind) {
        FieldWriter writer(kind.kKind);
        kind.fields(kind, writer);
        return writer.text();
      },
      layer);
}

ModelSpec ModelSpec::from_text(std::string_view text, std::string_view source) {
  if (text.size() > kMaxSpecBytes) {
    throw ArgumentError(std::string(source) + ": larger than the limit of " + std::to_string(kMaxSpecBytes) +
                        " bytes");
  }
  ModelSpec spec;
  bool first = true;
  for (Words& words : split(text, source)) {
    if (words.kind().text == "input") {
      if (!first) words.fail(words.kind(), "`input` must come first");
      words.skip();
      spec.channels = words.integer("a number of channels", ModelSpec::kChannels);
      spec.height = words.integer("a height", ModelSpec::kEdge);
      spec.width = words.integer("a width", ModelSpec::kEdge);
    } else {
      spec.layers.push_back(parse_layer(words));
      try {
        (void)plan(spec);
      } catch (const ArgumentError& error) {
        words.fail(words.kind(), error.what());
      }
    }
    words.expect_end();
    first = false;
  }
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
  for (const LayerSpec& layer : layers) text += " | " + layer_text(layer);
  return text;
}

ModelSpec with_dropout(const ModelSpec& spec, float rate) {
  if (!(rate >= DropoutSpec::kRate.low && rate <= DropoutSpec::kRate.high)) {
    throw ArgumentError("[dropout] the rate must be 0 to 0.99, got " + std::to_string(rate));
  }
  ModelSpec result = spec;
  result.layers.clear();
  for (const LayerSpec& layer : spec.layers) {
    if (std::holds_alternative<DenseSpec>(layer)) {
      if (!result.layers.empty() && std::holds_alternative<DropoutSpec>(result.layers.back())) {
        result.layers.pop_back();
      }
      if (rate > 0) result.layers.push_back(DropoutSpec{rate});
    }
    result.layers.push_back(layer);
  }
  return result;
}

}  // namespace mien::model
