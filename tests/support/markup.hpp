// Looking at SVG and HTML texts.
#pragma once

#include <string>
#include <vector>

namespace mien::test {

inline std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Whether a page asks for nothing from elsewhere, runs nothing, and closes in order what it opens.
inline bool self_contained(const std::string& page) {
  for (const char* foreign :
       {"<script", "<link", "<iframe", "@import", "url(", "://", " onload", "javascript:"}) {
    if (has(page, foreign)) return false;
  }
  if (occurrences(page, " src=\"") != occurrences(page, " src=\"data:image/")) return false;
  std::vector<std::string> open;
  for (std::size_t at = page.find("<html"); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = page.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string::npos || occurrences(tag, "\"") % 2 != 0) return false;
    const std::string name = tag.substr(0, tag.find_first_of(" \n"));
    if (name[0] == '/') {
      if (open.empty() || open.back() != name.substr(1)) return false;
      open.pop_back();
    } else if (tag.back() != '/' && name != "meta" && name != "img" && name != "br") {
      open.push_back(name);
    }
  }
  return open.empty();
}

}  // namespace mien::test
