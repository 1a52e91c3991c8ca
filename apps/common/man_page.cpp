#include "common/man_page.hpp"

#include "mien/core/system.hpp"
#include "mien/core/text.hpp"

namespace apps {
namespace {

// Text in which nothing is a request or an escape; dashes can be copied to a command line.
std::string roff(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (result.empty() && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  return result;
}

std::string section(const std::string& heading) {
  return ".SH " + heading + "\n";
}

// A term with what there is to say of it.
std::string term(const std::string& name, const std::string& text) {
  return ".TP\n\\fB" + roff(name) + "\\fR\n" + roff(text) + "\n";
}

std::string options(const CLI::App& app, const ProgramText& text) {
  std::string page = section("OPTIONS");
  for (const OptionsOfGroup& group : grouped(app, text)) {
    page += ".SS \"" + roff(group.heading) + "\"\n";
    for (const CLI::Option* option : group.options) page += term(usage_of(*option), explanation_of(*option));
  }
  return page;
}

std::string examples(const ProgramText& text) {
  std::string page = section("EXAMPLES");
  for (const Example& example : text.examples) page += term(example.command, example.what);
  return page;
}

}  // namespace

std::string man_page(const CLI::App& app, const ProgramText& text) {
  std::string capitals = text.name;
  for (char& c : capitals) c = static_cast<char>(c - 'a' + 'A');
  std::string page = ".TH " + capitals + " 1 \"\" \"mien " + mien::version() + "\" \"User Commands\"\n";
  page += section("NAME") + roff(text.name) + " \\- " + roff(text.summary) + "\n";
  page += section("SYNOPSIS") + "\\fB" + roff(text.name) + "\\fR " + roff(text.synopsis) + "\n";
  page += section("DESCRIPTION") + roff(text.description) + "\n";
  page += options(app, text) + examples(text) + section("EXIT STATUS");
  for (const ExitCode& code : text.exit_codes) page += term(std::to_string(code.code), code.meaning);
  page += section("ENVIRONMENT");
  for (const Variable& variable : text.environment) page += term(variable.name, variable.meaning);
  return page + section("SEE ALSO") + "\\fB" + roff(text.see_also) + "\\fR(1)\n";
}

}  // namespace apps
