// Which emoticons stand for which expression: a built-in table, which a text file can change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mien::reader {

/// What emoticons are made of.
enum class EmoticonStyle : std::uint8_t {
  emoji,    ///< Unicode pictures
  ascii,    ///< characters every terminal and keyboard has
  kaomoji,  ///< upright faces made of Unicode letters
};

/// "emoji", "ascii" or "kaomoji".
std::string_view emoticon_style_name(EmoticonStyle style);
/// The style of that name. Throws ArgumentError naming the choices.
EmoticonStyle parse_emoticon_style(std::string_view name);

/// The table. A file has one line for an expression in a style, the best form first:
///
///     happy | emoji | 😀 😊
///
/// Blanks separate forms, so a form has none; '|' may be part of one. Empty lines and lines that begin with
/// '#' are skipped. What a file does not mention keeps its built-in forms.
class Emoticons {
 public:
  /// The built-in table: angry, disgust, fear, happy, sad, surprise, neutral, contempt in every style.
  static Emoticons defaults();
  /// The built-in table as changed by a file of at most 1 MiB. Throws DataError, e.g.
  /// `emoticons.txt:4:9: unknown style "smiley", expected emoji, ascii or kaomoji` with the column in
  /// characters, for: a line of another form, text that is not UTF-8, control characters, a form that is
  /// not ASCII in style ascii, and an expression given twice in a style.
  static Emoticons load(const std::filesystem::path& path);
  /// As load, from the file's text; `source` is named in messages.
  static Emoticons parse(std::string_view text, std::string_view source);

  /// The forms, best first; none for an expression that is not in the table. Valid while the table lives
  /// and is not assigned to.
  std::span<const std::string> forms(std::string_view expression, EmoticonStyle style) const;

  /// The expressions a file has brought that the built-in table lacks, in the file's order.
  std::vector<std::string> added() const;

  friend bool operator==(const Emoticons& a, const Emoticons& b) = default;

 private:
  struct Entry {
    std::string expression;
    EmoticonStyle style = EmoticonStyle::emoji;
    std::vector<std::string> forms;
    friend bool operator==(const Entry& a, const Entry& b) = default;
  };
  void replace(Entry entry);

  std::vector<Entry> entries_;  // in the order of the built-in table, then of the file
};

}  // namespace mien::reader
