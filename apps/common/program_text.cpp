#include "common/program_text.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "common/did_you_mean.hpp"
#include "common/help.hpp"
#include "mien/core/text.hpp"

namespace apps {
namespace {

// Up to so many characters a list of words stands where the value's name would.
constexpr std::size_t kShortChoices = 44;

bool is_positional(const CLI::Option& option) {
  return option.get_positional();
}

// "--csv" of "--csv,--data"
std::string first_name(const CLI::Option& option) {
  if (is_positional(option)) return option.get_name(true);
  const std::vector<std::string>& names = option.get_lnames();
  return names.empty() ? option.get_name() : "--" + names.front();
}

std::string names_of(const std::set<CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options) names.push_back(first_name(*option));
  std::sort(names.begin(), names.end());  // the set has them by address
  return mien::join(names, ", ");
}

class HelpFormatter : public CLI::FormatterBase {
 public:
  explicit HelpFormatter(ProgramText text) : text_(std::move(text)) {}
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    return help_text(*app, text_);
  }

 private:
  ProgramText text_;
};

}  // namespace

std::vector<OptionsOfGroup> grouped(const CLI::App& app, const ProgramText& text) {
  std::vector<OptionsOfGroup> result;
  std::vector<const CLI::Option*> left;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) left.push_back(option);
  }
  for (const OptionGroup& group : text.groups) {
    OptionsOfGroup found{group.heading, {}};
    for (const std::string& name : group.options) {
      const auto at = std::find_if(left.begin(), left.end(),
                                   [&](const CLI::Option* option) { return first_name(*option) == name; });
      if (at == left.end()) continue;
      found.options.push_back(*at);
      left.erase(at);
    }
    if (!found.options.empty()) result.push_back(std::move(found));
  }
  if (!left.empty()) result.push_back({kOtherOptions, left});
  return result;
}

OptionValue value_of(const CLI::Option& option) {
  if (option.get_type_size() == 0) return {};
  const std::string type = option.get_type_name();  // "TEXT:{a,b}", "INT:INT in [1 - 1000]", "FLOAT:0 to 1"
  const std::size_t colon = type.find(':');
  OptionValue value{type.substr(0, colon), {}, {}};
  if (colon == std::string::npos) return value;
  const std::string rule = type.substr(colon + 1);
  if (rule.starts_with('{') && rule.ends_with('}')) {
    for (const std::string_view word : mien::split(std::string_view(rule).substr(1, rule.size() - 2), ',')) {
      value.choices.emplace_back(word);
    }
    return value;
  }
  const std::size_t bracket = rule.find(" in [");
  value.range = bracket == std::string::npos ? rule : rule.substr(bracket + 5, rule.size() - bracket - 6);
  if (const std::size_t dash = value.range.find(" - "); dash != std::string::npos) {
    value.range.replace(dash, 3, " to ");
  }
  if (value.range == "NONNEGATIVE") value.range = "at least 0";
  return value;
}

std::string usage_of(const CLI::Option& option) {
  const OptionValue value = value_of(option);
  std::string name;
  if (!is_positional(option)) {
    const std::string all = option.get_name(false, true);  // "-h,--help"
    for (const std::string_view one : mien::split(all, ',')) {
      name += (name.empty() ? "" : ", ") + std::string(one);
    }
  }
  if (value.name.empty()) return name;
  const std::string choices = mien::join(value.choices, "|");
  const bool shown = !choices.empty() && choices.size() <= kShortChoices;
  return name + (name.empty() ? "" : " ") + (shown ? choices : value.name) +
         (is_positional(option) && option.get_expected_max() > 1 ? "..." : "");
}

std::string explanation_of(const CLI::Option& option) {
  const OptionValue value = value_of(option);
  std::vector<std::string> notes;
  if (mien::join(value.choices, "|").size() > kShortChoices) notes.push_back(mien::join(value.choices, ", "));
  if (!value.range.empty()) notes.push_back(value.range);
  if (!value.name.empty() && !option.get_default_str().empty()) {
    notes.push_back("default: " + option.get_default_str());
  }
  if (!option.get_needs().empty()) notes.push_back("needs " + names_of(option.get_needs()));
  if (!option.get_excludes().empty()) notes.push_back("not with " + names_of(option.get_excludes()));
  const std::string text = option.get_description();
  return notes.empty() ? text : text + " [" + mien::join(notes, "; ") + "]";
}

void present(CLI::App& app, const ProgramText& text) {
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.formatter(std::make_shared<HelpFormatter>(text));
  app.failure_message(failure_message);
}

}  // namespace apps
