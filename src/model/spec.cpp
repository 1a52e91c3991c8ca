// The text form of ModelSpec.
#include "mien/model/spec.hpp"

#include <charconv>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "model/limits.hpp"

namespace mien::model {
namespace {

constexpr std::size_t kMaxSpecBytes = 1 << 20;

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

  Index integer(const char* what, const Limits<Index>& limits) {
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

  float number(const char* what, const Limits<float>& limits) {
    const Word& word = take(what);
    float value = 0;
    const auto [end, error] = std::from_chars(word.text.data(), word.text.data() + word.text.size(), value);
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
  const Word& take(const char* what) {
    if (done()) {
      const Word& last = words_.back();
      fail({last.text, last.line, last.column + static_cast<int>(last.text.size())},
           "`" + std::string(kind().text) + "` needs " + what);
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

Padding padding(Words& words, Padding otherwise) {
  if (words.accept("same")) return Padding::same;
  if (words.accept("valid")) return Padding::valid;
  return otherwise;
}

ConvSpec parse_conv(Words& words) {
  ConvSpec s;
  s.out = words.integer("a number of filters", kFilters);
  s.kernel = words.integer("a kernel edge", kKernel);
  s.padding = padding(words, Padding::same);
  if (words.accept("stride")) s.stride = words.integer("a stride", kStride);
  s.bias = !words.accept("nobias");
  return s;
}

template <typename Pool>
Pool parse_pool(Words& words) {
  Pool s;
  s.kernel = words.integer("a window edge", kPoolWindow);
  s.stride = words.integer("a stride", kStride);
  s.padding = padding(words, Padding::valid);
  return s;
}

LrnSpec parse_lrn(Words& words) {
  LrnSpec s;
  s.radius = words.integer("a radius", kRadius);
  s.bias = words.number("a bias", kLrnBias);
  s.alpha = words.number("an alpha", kLrnAlpha);
  s.beta = words.number("a beta", kLrnBeta);
  return s;
}

BatchNormSpec parse_batch_norm(Words& words) {
  BatchNormSpec s;
  if (words.done()) return s;
  s.epsilon = words.number("an epsilon", kEpsilon);
  s.momentum = words.number("a momentum", kMomentum);
  return s;
}

LayerSpec parse_layer(Words& words) {
  const std::string_view kind = words.kind().text;
  words.skip();
  if (kind == "conv") return parse_conv(words);
  if (kind == "maxpool") return parse_pool<MaxPoolSpec>(words);
  if (kind == "avgpool") return parse_pool<AvgPoolSpec>(words);
  if (kind == "globalpool") return GlobalPoolSpec{};
  if (kind == "lrn") return parse_lrn(words);
  if (kind == "batchnorm") return parse_batch_norm(words);
  if (kind == "relu") return ReluSpec{};
  if (kind == "dropout") return DropoutSpec{words.number("a rate", kDropoutRate)};
  if (kind == "flatten") return FlattenSpec{};
  if (kind == "dense") {
    DenseSpec s;
    s.out = words.integer("a number of outputs", kOutputs);
    s.bias = !words.accept("nobias");
    return s;
  }
  words.fail(words.kind(), "unknown layer `" + std::string(kind) +
                               "`; known: conv, maxpool, avgpool, globalpool, lrn, batchnorm, relu, dropout, "
                               "flatten, dense");
}

const char* text_of(Padding padding) {
  return padding == Padding::same ? " same" : " valid";
}

struct TextOf {
  static std::string number(float value) { return Words::number_text(value); }
  template <typename Pool>
  static std::string pool(const char* kind, const Pool& s) {
    return kind + (" " + std::to_string(s.kernel)) + " " + std::to_string(s.stride) + text_of(s.padding);
  }
  std::string operator()(const ConvSpec& s) const {
    std::string text = "conv " + std::to_string(s.out) + " " + std::to_string(s.kernel) + text_of(s.padding);
    if (s.stride != 1) text += " stride " + std::to_string(s.stride);
    return s.bias ? text : text + " nobias";
  }
  std::string operator()(const MaxPoolSpec& s) const { return pool("maxpool", s); }
  std::string operator()(const AvgPoolSpec& s) const { return pool("avgpool", s); }
  std::string operator()(const GlobalPoolSpec&) const { return "globalpool"; }
  std::string operator()(const LrnSpec& s) const {
    return "lrn " + std::to_string(s.radius) + " " + number(s.bias) + " " + number(s.alpha) + " " +
           number(s.beta);
  }
  std::string operator()(const BatchNormSpec& s) const {
    return "batchnorm " + number(s.epsilon) + " " + number(s.momentum);
  }
  std::string operator()(const ReluSpec&) const { return "relu"; }
  std::string operator()(const DropoutSpec& s) const { return "dropout " + number(s.rate); }
  std::string operator()(const FlattenSpec&) const { return "flatten"; }
  std::string operator()(const DenseSpec& s) const {
    return "dense " + std::to_string(s.out) + (s.bias ? "" : " nobias");
  }
};

}  // namespace

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
      spec.channels = words.integer("a number of channels", kChannels);
      spec.height = words.integer("a height", kEdge);
      spec.width = words.integer("a width", kEdge);
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
  return from_text(read_file(path, kMaxSpecBytes), path);
}

std::string ModelSpec::to_text() const {
  std::string text =
      "input " + std::to_string(channels) + " " + std::to_string(height) + " " + std::to_string(width);
  for (const LayerSpec& layer : layers) text += " | " + std::visit(TextOf{}, layer);
  return text;
}

ModelSpec with_dropout(const ModelSpec& spec, float rate) {
  if (!(rate >= kDropoutRate.low && rate <= kDropoutRate.high)) {
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
