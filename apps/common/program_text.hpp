// What a program says of itself in --help, in its manual page and in completions, beside what its options say.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace apps {

/// Options under one heading, in this order.
struct OptionGroup {
  std::string heading;
  std::vector<std::string> options;  ///< by their first name
};

struct Example {
  std::string command, what;
};

struct ExitCode {
  int code;
  std::string meaning;
};

struct Variable {
  std::string name, meaning;
};

struct ProgramText {
  std::string name;
  std::string summary;      ///< the line a manual's index has
  std::string description;  ///< a paragraph
  std::string synopsis;     ///< what stands behind the name
  std::vector<OptionGroup> groups;
  std::vector<Example> examples;
  std::vector<ExitCode> exit_codes;
  std::vector<Variable> environment;
  std::string see_also;
};

/// Where options go that no group names.
inline constexpr const char* kOtherOptions = "Other options";

/// Puts the app's options into the groups, makes its --help that of help_text, and its messages about options
/// that are not there name one that is.
void present(CLI::App& app, const ProgramText& text);

/// The options under each heading that has any, kOtherOptions last.
struct OptionsOfGroup {
  std::string heading;
  std::vector<const CLI::Option*> options;
};
std::vector<OptionsOfGroup> grouped(const CLI::App& app, const ProgramText& text);

/// What an option takes.
struct OptionValue {
  std::string name;                  ///< "FILE"; empty for a flag
  std::vector<std::string> choices;  ///< the words it may be, if no others
  std::string range;                 ///< "1 - 1000"; empty: not bounded, or not a number
};
OptionValue value_of(const CLI::Option& option);

/// How it is written on a command line: "-h, --help", "--tta none|mirror|scales|full", "images PATH...".
std::string usage_of(const CLI::Option& option);

/// Its description, with its range, its default and what it needs and excludes.
std::string explanation_of(const CLI::Option& option);

}  // namespace apps
