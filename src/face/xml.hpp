// The part of XML that data files need: elements, attributes, text and comments. No document types, no
// entities, no CDATA; so nothing can expand.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace mien::face {

struct XmlAttribute {
  std::string_view name;
  std::string_view value;
};

/// The views point into the text that was parsed.
struct XmlElement {
  std::string_view name;
  std::string_view text;  ///< without blanks at both ends; empty where there are children
  std::size_t line = 0;   ///< of the opening tag, from 1
  std::vector<XmlAttribute> attributes;
  std::vector<XmlElement> children;

  /// The first child of that name, or null.
  const XmlElement* child(std::string_view child_name) const;
  /// The value of that attribute; empty where there is none.
  std::string_view attribute(std::string_view attribute_name) const;
};

inline constexpr std::size_t kMaxXmlDepth = 16;
inline constexpr std::size_t kMaxXmlElements = std::size_t{1} << 19;
inline constexpr std::size_t kMaxXmlName = 64;
inline constexpr std::size_t kMaxXmlAttributes = 64;  // of an element

/// The root of the document. Throws DataError `<source>:<line>: <what>` for text that is not well-formed,
/// that mixes text with elements, or that exceeds the limits above.
XmlElement parse_xml(std::string_view text, std::string_view source);

}  // namespace mien::face
