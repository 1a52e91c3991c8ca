#include "mien/data/classes.hpp"

#include <algorithm>
#include <string_view>

#include "data/names.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/data/dataset.hpp"

namespace mien::data {
namespace {

[[noreturn]] void fail(const std::string& word, const std::string& what) {
  throw ArgumentError("[classes] " + quote(word) + what);
}

std::string name_of(const std::string& word, std::string_view name) {
  if (const auto label = detail::class_named(name)) return std::string(kClassNames[*label]);
  if (detail::is_other_expression(name)) return lower(std::string(name));
  fail(word, ": expected one of " + std::string(detail::known_classes()) + ", contempt");
}

std::string any_name(const std::string& word, std::string_view name) {
  if (name.empty() || !is_printable(name)) fail(word, ": expected printable names");
  return std::string(name);
}

}  // namespace

ClassNumbers::ClassNumbers() {
  for (std::size_t label = 0; label < kClassCount; ++label) {
    names_[static_cast<unsigned>(label)] = kClassNames[label];
    labels_[static_cast<unsigned>(label)] = static_cast<std::uint8_t>(label);
  }
}

ClassNumbers ClassNumbers::parse(std::span<const std::string> words) {
  return parse(words, name_of);
}

ClassNumbers ClassNumbers::parse_any(std::span<const std::string> words) {
  return parse(words, any_name);
}

ClassNumbers ClassNumbers::parse(std::span<const std::string> words,
                                 std::string (*name_of)(const std::string& word, std::string_view name)) {
  ClassNumbers result;
  if (words.empty()) return result;
  result.words_.assign(words.begin(), words.end());
  result.names_.clear();
  result.labels_.clear();
  unsigned next = 0;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) {
      const auto number = detail::class_number(trim(std::string_view(word).substr(0, equals)));
      if (!number) fail(word, ": expected NUMBER=NAME with a number 0 to 99");
      next = *number;
    }
    const std::string name =
        name_of(word, trim(std::string_view(word).substr(equals == std::string::npos ? 0 : equals + 1)));
    const bool twice = std::any_of(result.names_.begin(), result.names_.end(),
                                   [&](const auto& other) { return other.second == name; });
    if (twice) fail(word, ": " + name + " is given twice");
    if (!detail::class_number(std::to_string(next))) fail(word, " would be number " + std::to_string(next));
    if (!result.names_.emplace(next, name).second) {
      fail(word, ": number " + std::to_string(next) + " is given twice");
    }
    if (const auto label = detail::class_named(name)) result.labels_.emplace(next, *label);
    ++next;
  }
  return result;
}

std::optional<std::uint8_t> ClassNumbers::label(unsigned number) const {
  const auto found = labels_.find(number);
  if (found == labels_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> ClassNumbers::name(unsigned number) const {
  const auto found = names_.find(number);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

bool ClassNumbers::is_other(unsigned number) const {
  const auto found = names_.find(number);
  return found != names_.end() && detail::is_other_expression(found->second);
}

std::string ClassNumbers::to_string() const {
  std::string text;
  for (const auto& [number, name] : names_) {
    text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + name;
  }
  return text;
}

bool are_expressions(std::span<const std::string> classes) {
  return std::all_of(classes.begin(), classes.end(), [](const std::string& name) {
    return name == kContempt || std::find(kClassNames.begin(), kClassNames.end(), name) != kClassNames.end();
  });
}

}  // namespace mien::data
