#include "output_context.hpp"

namespace ferpredict {

OutputContext output_context(const Arguments& a, const std::vector<std::string>& labels) {
  using mien::infer::Emoticons;
  using mien::infer::EmoticonStyle;
  const bool utf8 = mien::infer::locale_is_utf8();
  return {.labels = labels,
          .emoticons = a.emoticons.empty() ? Emoticons::defaults() : Emoticons::load(a.emoticons),
          .style = a.style.value_or(utf8 ? EmoticonStyle::emoji : EmoticonStyle::ascii),
          .language = a.language,
          .top = a.top,
          .utf8 = utf8};
}

}  // namespace ferpredict
