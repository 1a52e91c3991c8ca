#include "data/class_collector.hpp"

#include <algorithm>
#include <optional>

#include "data/names.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/data/dataset.hpp"

namespace mien::data::detail {
namespace {

constexpr std::size_t kLongestName = 100;

bool is_number(const std::string& name) {
  return parse_index(name).has_value();
}

bool comes_before(const std::string& a, const std::string& b) {
  const auto x = parse_index(a), y = parse_index(b);
  if (x && y && *x != *y) return *x < *y;
  return a < b;
}

void refuse_names_alike(const std::vector<std::string>& names, const std::string& source) {
  std::map<std::string, const std::string*> seen;
  for (const std::string& name : names) {
    const auto [other, added] = seen.emplace(lower(name), &name);
    if (added) continue;
    throw DataError(source + ": the classes " + quote(*other->second) + " and " + quote(name) +
                    " differ in case alone; give both the same name, or others");
  }
}

}  // namespace

std::uint8_t ClassCollector::add(std::string_view given, const Fail& fail) {
  std::string name(trim(given));
  if (name.empty()) fail("a class without a name");
  if (!is_printable(name) || name.size() > kLongestName) {
    fail("class " + quote(name) + ", expected a printable name of at most " + std::to_string(kLongestName) +
         " bytes");
  }
  if (!numbers_.words().empty()) {
    if (const auto number = class_number(name)) {
      const std::optional<std::string> meaning = numbers_.name(*number);
      if (!meaning) fail("class " + name + ", expected one of " + numbers_.to_string());
      name = *meaning;
      uses_numbers_ = true;
    }
  }
  const auto found = found_.find(name);
  if (found != found_.end()) return found->second;
  if (found_.size() == kMostClasses) fail("more than " + std::to_string(kMostClasses) + " classes");
  return found_.emplace(name, static_cast<std::uint8_t>(found_.size())).first->second;
}

CollectedClasses ClassCollector::finish(const std::string& source) const {
  CollectedClasses result;
  for (const auto& entry : found_) result.names.push_back(entry.first);
  const bool expressions = std::all_of(result.names.begin(), result.names.end(), [](const std::string& name) {
    return expression_named(name).has_value();
  });
  const auto own_name = [&](const std::string& name) -> std::string {
    if (!expressions) return name;
    const std::size_t expression = *expression_named(name);
    return std::string(expression < kClassCount ? kClassNames[expression] : kContempt);
  };
  if (expressions) {
    for (std::string& name : result.names) name = own_name(name);
    std::sort(result.names.begin(), result.names.end(), [](const std::string& a, const std::string& b) {
      return *expression_named(a) < *expression_named(b);
    });
    result.names.erase(std::unique(result.names.begin(), result.names.end()), result.names.end());
  } else {
    refuse_names_alike(result.names, source);
    if (std::all_of(result.names.begin(), result.names.end(), is_number)) {
      std::sort(result.names.begin(), result.names.end(), comes_before);
    }
  }
  result.labels.resize(found_.size());
  for (const auto& [name, number] : found_) {
    const auto at = std::find(result.names.begin(), result.names.end(), own_name(name));
    result.labels[number] = static_cast<std::uint8_t>(at - result.names.begin());
  }
  return result;
}

}  // namespace mien::data::detail
