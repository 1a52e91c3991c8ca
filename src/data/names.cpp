#include "data/names.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "mien/core/text.hpp"

namespace mien::data::detail {
namespace {

constexpr std::string_view kDigits = "0123456789";

template <typename Value>
struct Word {
  std::string_view word;
  Value value;
};

// Spelled as normalized() leaves a name.
constexpr auto kSplitWords = std::to_array<Word<Split>>({{"train", Split::training},
                                                         {"training", Split::training},
                                                         {"val", Split::public_test},
                                                         {"valid", Split::public_test},
                                                         {"validation", Split::public_test},
                                                         {"dev", Split::public_test},
                                                         {"publictest", Split::public_test},
                                                         {"test", Split::private_test},
                                                         {"testing", Split::private_test},
                                                         {"privatetest", Split::private_test}});

// In the alphabet neutral stands before sad, in FER2013 behind surprise: labels go by name, never by order.
constexpr auto kClassWords = std::to_array<Word<std::uint8_t>>({{"angry", 0},
                                                                {"anger", 0},
                                                                {"disgust", 1},
                                                                {"disgusted", 1},
                                                                {"fear", 2},
                                                                {"fearful", 2},
                                                                {"afraid", 2},
                                                                {"scared", 2},
                                                                {"happy", 3},
                                                                {"happiness", 3},
                                                                {"joy", 3},
                                                                {"sad", 4},
                                                                {"sadness", 4},
                                                                {"surprise", 5},
                                                                {"surprised", 5},
                                                                {"neutral", 6},
                                                                {"neutrality", 6}});

constexpr std::string_view kDataSet = "fer2013";

std::string normalized(std::string_view text) {
  std::string name(text);
  std::erase_if(name, [](char c) { return c == '_' || c == '-' || c == ' '; });
  return lower(std::move(name));
}

std::string without_number(std::string name) {
  const std::size_t letters = name.find_first_not_of(kDigits);
  return letters == std::string::npos ? name : name.substr(letters);
}

template <typename Words>
auto find_word(const Words& words, std::string_view name) -> std::optional<decltype(words[0].value)> {
  const auto* const found =
      std::find_if(words.begin(), words.end(), [&](const auto& word) { return word.word == name; });
  if (found == words.end()) return std::nullopt;
  return found->value;
}

}  // namespace

std::optional<Split> split_named(std::string_view name) {
  std::string word = normalized(name);
  if (word.starts_with(kDataSet)) word.erase(0, kDataSet.size());
  return find_word(kSplitWords, word);
}

std::optional<std::uint8_t> class_named(std::string_view name) {
  return find_word(kClassWords, without_number(normalized(name)));
}

bool is_other_expression(std::string_view name) {
  return without_number(normalized(name)) == "contempt";
}

std::optional<std::uint8_t> expression_named(std::string_view name) {
  if (const auto label = class_named(name)) return label;
  return is_other_expression(name) ? std::optional<std::uint8_t>(kClassCount) : std::nullopt;
}

std::string_view known_classes() {
  static const std::string names = join(class_names(), ", ");
  return names;
}

std::optional<unsigned> class_number(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of(kDigits), text.size());
  const std::string_view fraction = text.substr(digits);
  if (digits == 0 || digits > 3) return std::nullopt;
  if (!fraction.empty() && (fraction[0] != '.' || fraction.find_first_not_of('0', 1) != fraction.npos)) {
    return std::nullopt;
  }
  unsigned value = 0;
  for (const char c : text.substr(0, digits)) value = value * 10 + static_cast<unsigned>(c - '0');
  if (value > 99) return std::nullopt;
  return value;
}

}  // namespace mien::data::detail
