#include <algorithm>
#include <cmath>
#include <cstdio>

#include "mien/core/text.hpp"
#include "output.hpp"

namespace ferpredict {
namespace {

constexpr int kBarWidth = 20;

std::string bar(float probability, bool utf8) {
  const auto filled = static_cast<int>(std::lround(probability * kBarWidth));
  std::string text;
  for (int i = 0; i < kBarWidth; ++i) text += i < filled ? (utf8 ? "█" : "#") : (utf8 ? "░" : ".");
  return text;
}

// What a terminal takes for it: two columns for Chinese and Korean characters (from U+1100 on), one for others.
std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const mien::CodePoint c = mien::decode_utf8(text);
    count += c.value >= 0x1100 ? 2 : 1;
    text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
  return count;
}

std::string expressions(const FacePrediction& face, const OutputContext& context) {
  std::size_t widest = 0;
  for (const std::string& label : context.labels)
    widest = std::max(widest, columns(shown_name(label, context)));
  std::string lines;
  int shown = 0;
  for (const std::size_t c : face.ranking()) {
    if (shown++ == context.top) break;
    const std::string name = shown_name(context.labels[c], context);
    const float probability = face.probabilities[c];
    char percent[16];
    std::snprintf(percent, sizeof percent, "%5.1f %%", 100.0 * double{probability});
    const std::string emoticons = mien::join(context.emoticons.forms(context.labels[c], context.style), "  ");
    lines += "  " + name + std::string(widest - columns(name), ' ') + "  " + percent + "  " +
             bar(probability, context.utf8) + (context.whole_pictures && emoticons.empty() ? "" : "  ") +
             emoticons + "\n";
  }
  return lines;
}

std::string because(Fallback fallback) {
  switch (fallback) {
    case Fallback::none:
      return "";
    case Fallback::no_face_found:
      return "no face found, ";
    case Fallback::no_cascade:
      return "faces not looked for, ";
  }
  return "";
}

std::string away(const FacePrediction& face) {
  return face.pose && face.pose->turned_away ? ", turned away: hardly to be read" : "";
}

std::string place(const FacePrediction& face) {
  return std::to_string(face.width) + "x" + std::to_string(face.height) + " pixels at " +
         std::to_string(face.x) + "," + std::to_string(face.y);
}

}  // namespace

std::string shown_name(const std::string& label, const OutputContext& context) {
  return mien::reader::expression_name(label, context.language.value_or(mien::reader::Language::english));
}

std::string text(const Prediction& prediction, const OutputContext& context) {
  const std::string name = mien::printable(prediction.image);
  if (!prediction.error.empty()) return name + ": not read\n";  // why is on stderr
  if (!prediction.searched) {
    return name + ": " + because(prediction.fallback) +
           (context.whole_pictures ? "read as a whole\n" : "taken as the crop of a face\n") +
           expressions(prediction.faces[0], context);
  }
  const std::size_t count = prediction.faces.size();
  if (count == 0) return name + ": no face found\n";
  std::string result = name + (count == 1 ? ": " : ": " + std::to_string(count) + " faces\n");
  for (const FacePrediction& face : prediction.faces) {
    result +=
        (count == 1 ? "face of " : " face of ") + place(face) + away(face) + "\n" + expressions(face, context);
  }
  return result;
}

}  // namespace ferpredict
