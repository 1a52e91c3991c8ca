#include "mien/reader/expression_names.hpp"

#include <array>

#include "mien/core/error.hpp"

namespace mien::reader {
namespace {

struct Names {
  std::string_view label, korean, chinese;
};
constexpr std::array<Names, 8> kNames = {{{"angry", "분노", "愤怒"},
                                          {"disgust", "혐오", "厌恶"},
                                          {"fear", "두려움", "恐惧"},
                                          {"happy", "행복", "高兴"},
                                          {"sad", "슬픔", "悲伤"},
                                          {"surprise", "놀람", "惊讶"},
                                          {"neutral", "무표정", "平静"},
                                          {"contempt", "경멸", "轻蔑"}}};

}  // namespace

Language parse_language(std::string_view code) {
  if (code == "en") return Language::english;
  if (code == "ko") return Language::korean;
  if (code == "zh") return Language::chinese;
  throw ArgumentError("[language] expected en, ko or zh, got `" + std::string(code) + "`");
}

std::string expression_name(std::string_view label, Language language) {
  for (const Names& names : kNames) {
    if (names.label != label) continue;
    if (language == Language::korean) return std::string(names.korean);
    if (language == Language::chinese) return std::string(names.chinese);
  }
  return std::string(label);
}

}  // namespace mien::reader
