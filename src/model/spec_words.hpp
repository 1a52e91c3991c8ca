// The text of a network as words, layer by layer, each with its place for messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mien/model/layers/layer.hpp"

namespace mien::model {

struct Word {
  std::string_view text;
  int line;
  int column;
};

/// The words of one layer, consumed from the left; but for `as NAME` at its end, which is `tag`.
class LayerWords {
 public:
  /// Throws ArgumentError for an `as` without a name that can be one.
  LayerWords(std::vector<Word> words, std::string_view source);

  bool done() const { return next_ == words_.size(); }
  const Word& kind() const { return words_.front(); }
  void skip() { ++next_; }
  /// Of length 0 where there is none.
  const Word& tag() const { return tag_; }
  /// All words, without the tag.
  const std::vector<Word>& words() const { return words_; }

  /// Throws ArgumentError `source:line:column: what`.
  [[noreturn]] void fail(const Word& at, const std::string& what) const;
  // The next word as what it has to be. `what` is "a stride".
  Index integer(std::string_view what, const Limits<Index>& limits);
  float number(std::string_view what, const Limits<float>& limits);
  /// `3` or `3x5`.
  WindowSize window(std::string_view what, const Limits<Index>& limits);
  /// `1`, on all sides, or above, on the left, below and on the right.
  Padding zeros();
  std::string value(std::string_view what);
  /// True, and consumed, when the next word is `text`.
  bool accept(std::string_view text);
  void expect_end() const;

 private:
  const Word& take(std::string_view what);
  Index integer(const Word& word, std::string_view text, std::string_view what,
                const Limits<Index>& limits) const;

  std::vector<Word> words_;
  std::string source_;
  Word tag_{};
  std::size_t next_ = 0;
};

/// The shortest decimal that reads back as the value.
std::string number_text(float value);

/// Cuts the text into layers of words. Throws ArgumentError for words that are not printable.
std::vector<LayerWords> split_layers(std::string_view text, std::string_view source);

}  // namespace mien::model
