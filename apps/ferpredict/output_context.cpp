#include "output_context.hpp"

#include <algorithm>
#include <cstdio>

#include "mien/core/text.hpp"

namespace ferpredict {
namespace {

using mien::infer::Emoticons;

// A table may serve several models: an expression that this one and the built-in table lack is no error, but it
// may be misspelt.
Emoticons read_emoticons(const std::string& file, const std::vector<std::string>& labels) {
  if (file.empty()) return Emoticons::defaults();
  Emoticons table = Emoticons::load(file);
  for (const std::string& name : table.added()) {
    if (std::find(labels.begin(), labels.end(), name) != labels.end()) continue;
    std::fprintf(stderr, "%s: %s is no expression of the model; it has %s\n", file.c_str(),
                 mien::quote(name).c_str(), mien::quote(mien::join(labels, ", ")).c_str());
  }
  return table;
}

}  // namespace

OutputContext output_context(const Arguments& a, const std::vector<std::string>& labels) {
  using mien::infer::EmoticonStyle;
  const bool utf8 = mien::infer::locale_is_utf8();
  return {.labels = labels,
          .emoticons = read_emoticons(a.emoticons, labels),
          .style = a.style.value_or(utf8 ? EmoticonStyle::emoji : EmoticonStyle::ascii),
          .language = a.language,
          .top = a.top,
          .utf8 = utf8};
}

}  // namespace ferpredict
