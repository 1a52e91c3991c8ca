#include "output_context.hpp"

#include <algorithm>

#include "common/exit_codes.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"

namespace ferpredict {
namespace {

using mien::reader::Emoticons;

// A table may serve several models: an expression that this one and the built-in table lack is no error, but it
// may be misspelt.
Emoticons read_emoticons(const std::string& file, const std::vector<std::string>& labels) {
  if (file.empty()) return Emoticons::defaults();
  Emoticons table = Emoticons::load(file);
  for (const std::string& name : table.added()) {
    if (std::find(labels.begin(), labels.end(), name) != labels.end()) continue;
    apps::print_error(file + ": " + mien::quote(name) + " is no expression of the model; it has " +
                      mien::quote(mien::join(labels, ", ")));
  }
  return table;
}

}  // namespace

OutputContext output_context(const Arguments& a, const mien::model::ModelFile& model) {
  using mien::reader::EmoticonStyle;
  const bool utf8 = mien::locale_is_utf8();
  return {{.labels = model.labels,
           .emoticons = read_emoticons(a.emoticons, model.labels),
           .style = a.style.value_or(utf8 ? EmoticonStyle::emoji : EmoticonStyle::ascii),
           .language = a.language},
          model.whole_pictures,
          a.top,
          utf8};
}

}  // namespace ferpredict
