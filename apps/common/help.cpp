#include "common/help.hpp"

#include "mien/core/text.hpp"

namespace apps {
namespace {

constexpr std::size_t kColumn = 30;  // where explanations begin

// An entry of a list: its name, and what there is to say of it from kColumn on.
std::string entry(const std::string& name, const std::string& text) {
  const std::string left = "  " + name;
  if (left.size() + 2 > kColumn)
    return left + "\n" + std::string(kColumn, ' ') + wrapped(text, kColumn, kColumn);
  return left + std::string(kColumn - left.size(), ' ') + wrapped(text, kColumn, kColumn);
}

std::string exit_codes(const ProgramText& text) {
  std::vector<std::string> codes;
  for (const ExitCode& code : text.exit_codes) codes.push_back(std::to_string(code.code) + " " + code.meaning);
  return wrapped("Exit codes: " + mien::join(codes, ", ") + ".", 0, 0);
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t begun, std::size_t indent, std::size_t width) {
  std::string result;
  std::size_t column = begun;
  bool fresh = true;  // nothing in this line yet
  for (const std::string_view word : mien::split(text, ' ')) {
    if (word.empty()) continue;
    if (!fresh && column + 1 + word.size() > width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
      fresh = true;
    }
    result += fresh ? std::string(word) : " " + std::string(word);
    column += word.size() + (fresh ? 0 : 1);
    fresh = false;
  }
  return result + "\n";
}

std::string help_text(const CLI::App& app, const ProgramText& text) {
  std::string help = wrapped(text.description, 0, 0) + "\nUsage: " + text.name + " " +
                     wrapped(text.synopsis, text.name.size() + 8, text.name.size() + 8);
  for (const OptionsOfGroup& group : grouped(app, text)) {
    help += "\n" + group.heading + ":\n";
    for (const CLI::Option* option : group.options) help += entry(usage_of(*option), explanation_of(*option));
  }
  help += "\nExamples:\n";
  for (const Example& example : text.examples)
    help += "  " + example.command + "\n      " + wrapped(example.what, 6, 6);
  return help + "\n" + exit_codes(text);
}

}  // namespace apps
