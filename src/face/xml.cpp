#include "face/xml.hpp"

#include <algorithm>
#include <string>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::face {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// ASCII alone: the names of data files.
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_part(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view source) : text_(text), source_(source) {}

  XmlElement parse_document() {
    skip_misc();
    if (left().empty()) fail("expected an element, found the end of the file");
    XmlElement root = parse_element(1);
    skip_misc();
    if (!left().empty()) fail("expected the end of the file, found " + found());
    return root;
  }

 private:
  [[noreturn]] void fail_at(std::size_t line, const std::string& problem) const {
    throw DataError(std::string(source_) + ":" + std::to_string(line) + ": " + problem);
  }
  [[noreturn]] void fail(const std::string& problem) const { fail_at(line_, problem); }

  std::string_view left() const { return text_.substr(at_); }

  std::string found() const {
    if (left().empty()) return "the end of the file";
    return quote(left().substr(0, std::max<std::size_t>(decode_utf8(left()).bytes, 1)));
  }

  void advance(std::size_t bytes) {
    const std::string_view passed = text_.substr(at_, bytes);
    line_ += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
    at_ += passed.size();
  }

  bool take(std::string_view wanted) {
    if (!left().starts_with(wanted)) return false;
    advance(wanted.size());
    return true;
  }

  void expect(std::string_view wanted) {
    if (!take(wanted)) fail("expected " + quote(wanted) + ", found " + found());
  }

  bool skip_blanks() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_blank(text_[at_])) advance(1);
    return at_ > start;
  }

  // Up to `end`, which is passed too. `what` began before.
  std::string_view take_until(std::string_view end, const std::string& what) {
    const std::size_t length = left().find(end);
    if (length == std::string_view::npos) fail(what + " without an end");
    const std::string_view taken = left().substr(0, length);
    advance(length + end.size());
    return taken;
  }

  bool skip_comment() {
    if (!take("<!--")) return false;
    take_until("-->", "a comment");
    return true;
  }

  // What may stand before and after the root.
  void skip_misc() {
    for (;;) {
      skip_blanks();
      if (take("<?")) {
        take_until("?>", "an instruction");
      } else if (!skip_comment()) {
        return;
      }
    }
  }

  std::string_view parse_name() {
    if (left().empty() || !is_name_start(left().front())) fail("expected a name, found " + found());
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name_part(text_[at_])) advance(1);
    if (at_ - start > kMaxXmlName) fail("a name of more than " + std::to_string(kMaxXmlName) + " characters");
    return text_.substr(start, at_ - start);
  }

  void parse_attribute(XmlElement& element) {
    if (element.attributes.size() == kMaxXmlAttributes) {
      fail("more than " + std::to_string(kMaxXmlAttributes) + " attributes");
    }
    XmlAttribute attribute;
    attribute.name = parse_name();
    for (const XmlAttribute& other : element.attributes) {
      if (other.name == attribute.name) fail("attribute " + quote(attribute.name) + " occurs twice");
    }
    skip_blanks();
    expect("=");
    skip_blanks();
    const std::string_view mark = left().starts_with('\'') ? "'" : "\"";
    expect(mark);
    attribute.value = take_until(mark, "an attribute");
    if (attribute.value.find_first_of("<&") != std::string_view::npos) fail("'<' or '&' in an attribute");
    element.attributes.push_back(attribute);
  }

  XmlElement parse_element(std::size_t depth) {
    if (depth > kMaxXmlDepth) fail("elements more than " + std::to_string(kMaxXmlDepth) + " deep");
    if (++elements_ > kMaxXmlElements) fail("more than " + std::to_string(kMaxXmlElements) + " elements");
    XmlElement element;
    element.line = line_;
    expect("<");
    element.name = parse_name();
    while (skip_blanks() && !left().starts_with('>') && !left().starts_with('/')) parse_attribute(element);
    if (take("/>")) return element;
    expect(">");
    parse_content(element, depth);
    skip_blanks();
    expect(">");
    return element;
  }

  // Up to the name of the closing tag.
  void parse_content(XmlElement& element, std::size_t depth) {
    for (;;) {
      take_text(element);
      if (left().empty()) fail_at(element.line, "element " + quote(element.name) + " is not closed");
      if (take("</")) break;
      if (skip_comment()) continue;
      element.children.push_back(parse_element(depth + 1));
      if (!element.text.empty())
        fail_at(element.line, "element " + quote(element.name) + " mixes text with elements");
    }
    const std::string_view closed = parse_name();
    if (closed != element.name)
      fail("expected </" + std::string(element.name) + ">, found </" + std::string(closed) + ">");
  }

  void take_text(XmlElement& element) {
    const std::string_view raw = left().substr(0, left().find('<'));
    const std::string_view words = trim(raw);
    if (words.find('&') != std::string_view::npos) fail("entities (&) are not supported");
    if (!words.empty() && !(element.children.empty() && element.text.empty())) {
      fail("text in element " + quote(element.name) + " is not in one piece");
    }
    if (!words.empty()) element.text = words;
    advance(raw.size());
  }

  std::string_view text_;
  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t elements_ = 0;
};

}  // namespace

const XmlElement* XmlElement::child(std::string_view child_name) const {
  const auto it = std::find_if(children.begin(), children.end(),
                               [&](const XmlElement& element) { return element.name == child_name; });
  return it == children.end() ? nullptr : &*it;
}

std::string_view XmlElement::attribute(std::string_view attribute_name) const {
  const auto it = std::find_if(attributes.begin(), attributes.end(),
                               [&](const XmlAttribute& candidate) { return candidate.name == attribute_name; });
  return it == attributes.end() ? std::string_view() : it->value;
}

XmlElement parse_xml(std::string_view text, std::string_view source) {
  return Parser(text, source).parse_document();
}

}  // namespace mien::face
