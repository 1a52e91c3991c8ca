// The parser of JSON: recursive descent, as deep as the limits allow.
#include <algorithm>
#include <charconv>
#include <cstdint>

#include "core/from_chars.hpp"
#include "mien/core/error.hpp"
#include "mien/core/json.hpp"
#include "mien/core/text.hpp"

namespace mien {

namespace {

class Parser {
 public:
  Parser(std::string_view text, std::string_view source, const JsonLimits& limits)
      : text_(text), source_(source), limits_(limits) {}

  Json parse_text() {
    Json value = parse_value();
    skip_blanks();
    if (at_ < text_.size()) fail("expected the end of the text, found " + found());
    return value;
  }

 private:
  [[noreturn]] void fail_at(std::size_t offset, const std::string& problem) const {
    const std::string_view before = text_.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::string_view this_line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
    const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    const auto column = std::count_if(this_line.begin(), this_line.end(), is_first_byte) + 1;
    throw DataError(std::string(source_) + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " +
                    problem);
  }
  [[noreturn]] void fail(const std::string& problem) const { fail_at(at_, problem); }

  std::string found() const {
    if (at_ >= text_.size()) return "the end of the text";
    const std::size_t bytes = std::max<std::size_t>(decode_utf8(text_.substr(at_)).bytes, 1);
    return quote(text_.substr(at_, bytes));
  }

  // The next byte; '\0', which starts nothing in JSON, at the end.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool peek_digit() const { return peek() >= '0' && peek() <= '9'; }

  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  void skip_blanks() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') ++at_;
  }

  Json parse_value() {
    skip_blanks();
    if (++values_ > limits_.max_values) fail("more than " + std::to_string(limits_.max_values) + " values");
    switch (peek()) {
      case '{':
        return parse_object();
      case '[':
        return parse_array();
      case '"':
        return parse_string();
      case 't':
        return parse_word("true", true);
      case 'f':
        return parse_word("false", false);
      case 'n':
        return parse_word("null", nullptr);
      default:
        return parse_number();
    }
  }

  Json parse_word(std::string_view word, Json value) {
    if (!text_.substr(at_).starts_with(word)) fail("expected a value, found " + found());
    at_ += word.size();
    return value;
  }

  void enter() {
    if (++depth_ > limits_.max_depth) fail("nested deeper than " + std::to_string(limits_.max_depth));
    ++at_;
  }

  Json parse_array() {
    enter();
    Json::Array values;
    skip_blanks();
    if (!take(']')) {
      do {
        values.push_back(parse_value());
        skip_blanks();
      } while (take(','));
      if (!take(']')) fail("expected ',' or ']', found " + found());
    }
    --depth_;
    return values;
  }

  Json parse_object() {
    enter();
    Json::Object members;
    std::vector<std::size_t> key_offsets;
    skip_blanks();
    if (!take('}')) {
      do {
        skip_blanks();
        if (peek() != '"') fail("expected a key in quotes, found " + found());
        key_offsets.push_back(at_);
        std::string key = parse_string();
        skip_blanks();
        if (!take(':')) fail("expected ':', found " + found());
        members.push_back({std::move(key), parse_value()});
        skip_blanks();
      } while (take(','));
      if (!take('}')) fail("expected ',' or '}', found " + found());
    }
    --depth_;
    check_keys(members, key_offsets);
    return members;
  }

  // By sorting: comparing each with each would let a hostile text take quadratic time.
  void check_keys(const Json::Object& members, const std::vector<std::size_t>& offsets) const {
    std::vector<std::size_t> order(members.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const int difference = members[a].key.compare(members[b].key);
      return difference != 0 ? difference < 0 : a < b;
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
      const std::string& key = members[order[i]].key;
      if (key == members[order[i - 1]].key) fail_at(offsets[order[i]], "duplicate key " + quote(key));
    }
  }

  std::string parse_string() {
    ++at_;
    std::string out;
    for (;;) {
      if (at_ >= text_.size()) fail("expected '\"', found the end of the text");
      const char c = text_[at_];
      if (take('"')) return out;
      if (c == '\\') {
        parse_escape(out);
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) fail("control character " + found() + " in a string");
      const std::size_t bytes = decode_utf8(text_.substr(at_)).bytes;
      if (bytes == 0) fail("not UTF-8: " + found());
      out += text_.substr(at_, bytes);
      at_ += bytes;
    }
  }

  void parse_escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t start = at_++;
    if (take('u')) {
      append_utf8(out, parse_code_point(start));
      return;
    }
    const std::size_t index = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
    if (index == std::string_view::npos) fail("unknown escape " + found());
    out += kMeanings[index];
    ++at_;
  }

  char32_t parse_code_point(std::size_t start) {
    const char32_t first = parse_hex4();
    if (first < 0xd800 || first >= 0xe000) return first;
    if (first < 0xdc00 && take('\\') && take('u')) {
      const char32_t second = parse_hex4();
      if (second >= 0xdc00 && second < 0xe000) return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    }
    fail_at(start, "lone surrogate");
  }

  char32_t parse_hex4() {
    const std::string_view digits = text_.substr(at_, 4);
    std::uint16_t value = 0;
    const char* end = digits.data() + digits.size();
    if (digits.size() < 4 || std::from_chars(digits.data(), end, value, 16).ptr != end) {
      fail("expected four hexadecimal digits");
    }
    at_ += 4;
    return value;
  }

  static void append_utf8(std::string& out, char32_t c) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xc0 | (c >> 6));
      tail(0);
    } else if (c < 0x10000) {
      out += static_cast<char>(0xe0 | (c >> 12));
      tail(6);
      tail(0);
    } else {
      out += static_cast<char>(0xf0 | (c >> 18));
      tail(12);
      tail(6);
      tail(0);
    }
  }

  void skip_digits() {
    if (!peek_digit()) fail("expected a digit, found " + found());
    while (peek_digit()) ++at_;
  }

  Json parse_number() {
    const std::size_t begin = at_;
    const bool negative = take('-');
    if (!peek_digit()) fail((negative ? "expected a digit, found " : "expected a value, found ") + found());
    if (!take('0')) skip_digits();
    bool is_integer = true;
    if (take('.')) {
      is_integer = false;
      skip_digits();
    }
    if (take('e') || take('E')) {
      is_integer = false;
      if (!take('+')) take('-');
      skip_digits();
    }
    const std::string_view number = text_.substr(begin, at_ - begin);
    if (number == "-0") return -0.0;
    return is_integer ? convert<std::int64_t>(number, begin) : convert<double>(number, begin);
  }

  template <typename Number>
  Json convert(std::string_view number, std::size_t begin) const {
    Number value{};
    const auto result = detail::from_chars(number.data(), number.data() + number.size(), value);
    if (result.ec != std::errc()) fail_at(begin, "number out of range");
    return value;
  }

  std::string_view text_;
  std::string_view source_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

Json parse_json(std::string_view text, std::string_view source, const JsonLimits& limits) {
  return Parser(text, source, limits).parse_text();
}

}  // namespace mien
