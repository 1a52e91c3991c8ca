#include "model/spec_words.hpp"

#include <utility>

#include "core/from_chars.hpp"
#include "core/to_chars.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/model/spec.hpp"

namespace mien::model {

LayerWords::LayerWords(std::vector<Word> words, std::string_view source)
    : words_(std::move(words)), source_(source) {
  constexpr std::string_view kAs = "as";
  if (words_.back().text == kAs) fail(words_.back(), "`as` needs a name");
  if (words_.size() < 3 || words_[words_.size() - 2].text != kAs) return;
  tag_ = words_.back();
  if (!is_tag(tag_.text)) {
    fail(tag_, "a name must be a letter or _, then letters, digits, _ . or -, at most 64, found `" +
                   std::string(tag_.text) + "`");
  }
  words_.resize(words_.size() - 2);
}

void LayerWords::fail(const Word& at, const std::string& what) const {
  throw ArgumentError(source_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + what);
}

Index LayerWords::integer(std::string_view what, const Limits<Index>& limits) {
  const Word& word = take(what);
  return integer(word, word.text, what, limits);
}

WindowSize LayerWords::window(std::string_view what, const Limits<Index>& limits) {
  const Word& word = take(what);
  const std::size_t x = word.text.find('x');
  if (x == std::string_view::npos) return integer(word, word.text, what, limits);
  return {integer(word, word.text.substr(0, x), what, limits),
          integer(word, word.text.substr(x + 1), what, limits)};
}

Padding LayerWords::zeros() {
  constexpr Limits<Index> kPads{0, Padding::kMost};
  constexpr std::string_view kWhat = "rows or columns of zeros";
  const Index top = integer(kWhat, kPads);
  const bool alone = done() || words_[next_].text.find_first_not_of("0123456789") != std::string_view::npos;
  if (alone) return Padding::zeros(top, top, top, top);
  const Index left = integer(kWhat, kPads), bottom = integer(kWhat, kPads), right = integer(kWhat, kPads);
  return Padding::zeros(top, left, bottom, right);
}

// `text` is the word or a part of it.
Index LayerWords::integer(const Word& word, std::string_view text, std::string_view what,
                          const Limits<Index>& limits) const {
  Index value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < limits.low || value > limits.high) {
    fail(word, std::string(what) + " must be an integer " + std::to_string(limits.low) + " to " +
                   std::to_string(limits.high) + ", found `" + std::string(word.text) + "`");
  }
  return value;
}

float LayerWords::number(std::string_view what, const Limits<float>& limits) {
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

std::string LayerWords::value(std::string_view what) {
  return std::string(take(what).text);
}

bool LayerWords::accept(std::string_view text) {
  if (done() || words_[next_].text != text) return false;
  ++next_;
  return true;
}

void LayerWords::expect_end() const {
  if (!done()) fail(words_[next_], "unexpected `" + std::string(words_[next_].text) + "`");
}

const Word& LayerWords::take(std::string_view what) {
  if (done()) {
    const Word& last = words_.back();
    fail({last.text, last.line, last.column + static_cast<int>(last.text.size())},
         "`" + std::string(kind().text) + "` needs " + std::string(what));
  }
  return words_[next_++];
}

std::string number_text(float value) {
  char buffer[32];
  const auto result = mien::detail::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, result.ptr};
}

std::vector<LayerWords> split_layers(std::string_view text, std::string_view source) {
  std::vector<LayerWords> layers;
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
      LayerWords({word}, source).fail(word, "unexpected " + quote(word.text));
    }
    words.push_back(word);
    column += static_cast<int>(i - begin);
  }
  end_layer();
  return layers;
}

}  // namespace mien::model
