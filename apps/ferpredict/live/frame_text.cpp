#include "frame_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "mien/core/text.hpp"

namespace ferpredict::live {
namespace {

std::string clock_text(double seconds) {
  char text[64];
  const long long hundredths = std::llround(seconds * 100);  // before minutes are cut off: never 0:60.00
  std::snprintf(text, sizeof text, "%lld:%02lld.%02lld", hundredths / 6000, hundredths / 100 % 60,
                hundredths % 100);
  return text;
}

}  // namespace

std::string FrameText::line(double time, const Prediction& prediction,
                            std::span<const mien::reader::FaceFollower::Followed> shown,
                            const OutputContext& context) {
  std::vector<std::pair<std::int64_t, std::size_t>> now;
  for (const auto& face : shown) now.emplace_back(face.track, face.expression);
  std::sort(now.begin(), now.end());  // the largest face comes first, which changes as they move
  if (any_ && now == last_) return {};
  last_ = now;
  any_ = true;
  std::string text = clock_text(time);
  if (shown.empty()) text += "  no face";
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string& label = context.labels[shown[i].expression];
    const double percent = 100.0 * double{prediction.faces[i].probabilities[shown[i].expression]};
    text += "  #" + std::to_string(shown[i].track) + " " + shown_name(label, context) + " " +
            mien::format_fixed(percent, 0) + " %";
    const auto forms = context.emoticons.forms(label, context.style);
    if (!forms.empty()) text += " " + std::string(forms.front());
  }
  return text + "\n";
}

}  // namespace ferpredict::live
