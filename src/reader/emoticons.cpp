#include "mien/reader/emoticons.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"

namespace mien::reader {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;

struct StyleName {
  EmoticonStyle style;
  std::string_view name;
};
constexpr std::array<StyleName, 3> kStyles = {
    {{EmoticonStyle::emoji, "emoji"}, {EmoticonStyle::ascii, "ascii"}, {EmoticonStyle::kaomoji, "kaomoji"}}};
constexpr std::string_view kStyleChoices = "emoji, ascii or kaomoji";

struct DefaultEntry {
  std::string_view expression;
  EmoticonStyle style;
  std::string_view forms;
};

// Kept equal to data/emoticons.txt, the copy users edit; a test compares them.
constexpr std::array<DefaultEntry, 24> kDefaults = {{
    {"angry", EmoticonStyle::emoji, "😠 😡 👿"},
    {"angry", EmoticonStyle::ascii, ">:( >:-( D:<"},
    {"angry", EmoticonStyle::kaomoji, "(ಠ益ಠ) (｀Д´) (╬▔皿▔)"},
    {"disgust", EmoticonStyle::emoji, "🤢 🤮 😖"},
    {"disgust", EmoticonStyle::ascii, ":-& :-S X-P"},
    {"disgust", EmoticonStyle::kaomoji, "(；￣Д￣) (￣ヘ￣) (눈_눈)"},
    {"fear", EmoticonStyle::emoji, "😨 😱 😰"},
    {"fear", EmoticonStyle::ascii, "D: D-: =:-O"},
    {"fear", EmoticonStyle::kaomoji, "(ﾟДﾟ;) (((；ﾟДﾟ))) (ノдヽ)"},
    {"happy", EmoticonStyle::emoji, "😀 😊 😄"},
    {"happy", EmoticonStyle::ascii, ":-D :-) :)"},
    {"happy", EmoticonStyle::kaomoji, "(^▽^) (◕‿◕) ＼(^o^)／"},
    {"sad", EmoticonStyle::emoji, "😢 😞 😭"},
    {"sad", EmoticonStyle::ascii, ":-( :( :'("},
    {"sad", EmoticonStyle::kaomoji, "(╥﹏╥) (T_T) (；ω；)"},
    {"surprise", EmoticonStyle::emoji, "😮 😲 😯"},
    {"surprise", EmoticonStyle::ascii, ":-O :O o_O"},
    {"surprise", EmoticonStyle::kaomoji, "(⊙_⊙) Σ(°△°) (°o°)"},
    {"neutral", EmoticonStyle::emoji, "😐 😑 😶"},
    {"neutral", EmoticonStyle::ascii, ":-| :| -_-"},
    {"neutral", EmoticonStyle::kaomoji, "(・_・) (－_－) (._.)"},
    {"contempt", EmoticonStyle::emoji, "😏 🙄 😒"},
    {"contempt", EmoticonStyle::ascii, ":-/ :-J :/"},
    {"contempt", EmoticonStyle::kaomoji, "(¬‿¬) (￢_￢) (→_→)"},
}};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split_forms(std::string_view text) {
  std::vector<std::string> forms;
  while (!(text = trim_blanks(text)).empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    forms.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return forms;
}

/// One line of a table, and where it stands.
class LineReader {
 public:
  LineReader(std::string_view line, std::string_view source, std::size_t number)
      : line_(line), source_(source), number_(number) {}

  [[noreturn]] void fail(std::string_view at, const std::string& what) const {
    std::size_t column = 1;  // characters, not bytes
    for (const char* c = line_.data(); c < at.data(); ++c)
      column += (static_cast<unsigned char>(*c) & 0xc0) != 0x80;
    throw DataError(std::string(source_) + ":" + std::to_string(number_) + ":" + std::to_string(column) + ": " +
                    what);
  }

  /// Throws for what a terminal might obey, or cannot show.
  void check_characters() const {
    for (std::string_view rest = line_; !rest.empty();) {
      const CodePoint c = decode_utf8(rest);
      if (c.bytes == 0) fail(rest, "not UTF-8");
      const bool control = (c.value < 0x20 && c.value != '\t') || (c.value >= 0x7f && c.value < 0xa0);
      if (control) fail(rest, "control character");
      rest.remove_prefix(c.bytes);
    }
  }

  /// The text before the next '|'.
  std::string_view next_field(std::string_view what) {
    const std::string_view rest = line_.substr(at_);
    const std::size_t bar = rest.find('|');
    if (bar == std::string_view::npos) {
      fail(line_.substr(line_.size()), "expected '|' after the " + std::string(what));
    }
    const std::string_view field = trim_blanks(rest.substr(0, bar));
    if (field.empty()) fail(rest, "expected the " + std::string(what));
    at_ += bar + 1;
    return field;
  }

  EmoticonStyle next_style() {
    const std::string_view name = next_field("style");
    for (const StyleName& s : kStyles) {
      if (s.name == name) return s.style;
    }
    fail(name, "unknown style " + quote(name) + ", expected " + std::string(kStyleChoices));
  }

  std::vector<std::string> next_forms(EmoticonStyle style) const {
    const std::string_view rest = line_.substr(at_);
    for (std::size_t i = 0; style == EmoticonStyle::ascii && i < rest.size(); ++i) {
      if (static_cast<unsigned char>(rest[i]) > 0x7e) fail(rest.substr(i), "not an ASCII character");
    }
    std::vector<std::string> forms = split_forms(rest);
    if (forms.empty()) fail(line_.substr(line_.size()), "expected at least one form");
    return forms;
  }

 private:
  std::string_view line_;
  std::string_view source_;
  std::size_t number_;
  std::size_t at_ = 0;
};

}  // namespace

std::string_view emoticon_style_name(EmoticonStyle style) {
  for (const StyleName& s : kStyles) {
    if (s.style == style) return s.name;
  }
  return "";
}

EmoticonStyle parse_emoticon_style(std::string_view name) {
  for (const StyleName& s : kStyles) {
    if (s.name == name) return s.style;
  }
  throw ArgumentError("unknown emoticon style " + quote(name) + ", expected " + std::string(kStyleChoices));
}

Emoticons Emoticons::defaults() {
  Emoticons table;
  for (const DefaultEntry& d : kDefaults) {
    table.entries_.push_back({std::string(d.expression), d.style, split_forms(d.forms)});
  }
  return table;
}

Emoticons Emoticons::load(const std::filesystem::path& path) {
  return parse(read_file(path, kMaxFileBytes), path.string());
}

Emoticons Emoticons::parse(std::string_view text, std::string_view source) {
  text = utf8_text(text, source);
  Emoticons table = defaults();
  struct Seen {
    std::string_view expression;
    EmoticonStyle style;
    std::size_t line;
  };
  std::vector<Seen> seen;
  const std::vector<std::string_view> lines = split(text, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    if (line.ends_with('\r')) line.remove_suffix(1);
    LineReader reader(line, source, i + 1);
    reader.check_characters();
    if (trim_blanks(line).empty() || line.starts_with('#')) continue;

    const std::string_view expression = reader.next_field("expression");
    const EmoticonStyle style = reader.next_style();
    const auto before = std::find_if(seen.begin(), seen.end(), [&](const Seen& s) {
      return s.expression == expression && s.style == style;
    });
    if (before != seen.end()) {
      reader.fail(expression, quote(expression) + " has its " + std::string(emoticon_style_name(style)) +
                                  " already in line " + std::to_string(before->line));
    }
    seen.push_back({expression, style, i + 1});
    table.replace({std::string(expression), style, reader.next_forms(style)});
  }
  return table;
}

void Emoticons::replace(Entry entry) {
  const auto old = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
    return e.expression == entry.expression && e.style == entry.style;
  });
  if (old == entries_.end()) {
    entries_.push_back(std::move(entry));
  } else {
    *old = std::move(entry);
  }
}

std::span<const std::string> Emoticons::forms(std::string_view expression, EmoticonStyle style) const {
  for (const Entry& e : entries_) {
    if (e.expression == expression && e.style == style) return e.forms;
  }
  return {};
}

std::vector<std::string> Emoticons::added() const {
  std::vector<std::string> names;
  for (const Entry& e : entries_) {
    const bool built_in = std::any_of(kDefaults.begin(), kDefaults.end(),
                                      [&](const DefaultEntry& d) { return d.expression == e.expression; });
    if (!built_in && std::find(names.begin(), names.end(), e.expression) == names.end()) {
      names.push_back(e.expression);
    }
  }
  return names;
}

}  // namespace mien::reader
