#include "common/completion.hpp"

#include <algorithm>

#include "common/named_model.hpp"
#include "mien/core/text.hpp"

namespace apps {
namespace {

enum class ValueKind { none, other, words, file, folder, model };

ValueKind kind_of(const OptionValue& value) {
  const std::string& name = value.name;
  if (name.empty()) return ValueKind::none;
  if (!value.choices.empty()) return ValueKind::words;
  if (name == "MODEL") return ValueKind::model;
  if (name == "DIR" || name == "RUN") return ValueKind::folder;
  const bool file = name.starts_with("FILE") || name == "PATH" || name == "DEVICE" || name == "INI";
  return file ? ValueKind::file : ValueKind::other;
}

std::vector<std::string> words_of(const CLI::Option& option, const OptionValue& value) {
  if (kind_of(value) != ValueKind::model) return value.choices;
  if (option.check_lname("face-model")) return {mien::model::kFaceModel};
  if (option.check_lname("point-model")) return {mien::model::kPointModel};
  return {mien::model::kModelsAlong.begin(), mien::model::kModelsAlong.end()};
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

// What to complete behind an option, as a line of bash.
std::string bash_value(const CLI::Option& option, const OptionValue& value) {
  const std::string words = mien::join(words_of(option, value), " ");
  switch (kind_of(value)) {
    case ValueKind::words:
      return "COMPREPLY=($(compgen -W " + mien::shell_quoted(words) + " -- \"$word\"))";
    case ValueKind::model:
      return "mapfile -t COMPREPLY < <(compgen -W " + mien::shell_quoted(words) +
             " -- \"$word\"; compgen -f -- \"$word\")";
    case ValueKind::file:
      return "mapfile -t COMPREPLY < <(compgen -f -- \"$word\")";  // a line a name, spaces and all
    case ValueKind::folder:
      return "mapfile -t COMPREPLY < <(compgen -d -- \"$word\")";
    default:
      return "COMPREPLY=()";
  }
}

// The beginning of what there is to say, for zsh's `[...]`.
std::string zsh_explanation(const CLI::Option& option) {
  constexpr std::size_t kLength = 60;
  std::string text = option.get_description();
  for (const char* end : {"; ", ". ", " ("}) text = text.substr(0, text.find(end));
  if (text.size() > kLength) text.resize(text.rfind(' ', kLength));
  std::erase_if(text, [](char c) { return c == '[' || c == ']'; });
  return std::string(mien::trim(text));
}

std::string zsh_value(const CLI::Option& option, const OptionValue& value) {
  const std::string words = mien::join(words_of(option, value), " ");
  switch (kind_of(value)) {
    case ValueKind::words:
      return ":" + value.name + ":(" + words + ")";
    case ValueKind::model:
      return ":" + value.name + ":{_alternative \"models:model:(" + words + ")\" \"files:file:_files\"}";
    case ValueKind::file:
      return ":" + value.name + ":_files";
    case ValueKind::folder:
      return ":" + value.name + ":_files -/";
    case ValueKind::other:
      return ":" + value.name + ": ";
    case ValueKind::none:
      break;
  }
  return "";
}

}  // namespace

std::string bash_completion(const CLI::App& app, const ProgramText& text) {
  std::string names, cases;
  for (const OptionsOfGroup& group : grouped(app, text)) {
    for (const CLI::Option* option : group.options) {
      const std::vector<std::string> own = names_of(*option);
      const OptionValue value = value_of(*option);
      if (own.empty()) continue;
      names += (names.empty() ? "" : " ") + mien::join(own, " ");
      if (kind_of(value) != ValueKind::none) {
        cases += "    " + mien::join(own, " | ") + ") " + bash_value(*option, value) + " ;;\n";
      }
    }
  }
  const std::string function = "_" + text.name;
  return "# bash completion for " + text.name + "\n" + function +
         "() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "  # --option=word comes as three words.\n"
         "  if [[ $word == '=' ]]; then\n"
         "    word=\n"
         "  elif [[ $option == '=' ]]; then\n"
         "    option=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "  fi\n"
         "  local IFS=$' \\t\\n'\n"
         "  case $option in\n" +
         cases +
         "    *)\n"
         "      if [[ $word == -* ]]; then\n"
         "        COMPREPLY=($(compgen -W '" +
         names +
         "' -- \"$word\"))\n"
         "      else\n"
         "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "      fi\n"
         "      ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F " +
         function + " " + text.name + "\n";
}

std::string zsh_completion(const CLI::App& app, const ProgramText& text) {
  std::string specs;
  for (const OptionsOfGroup& group : grouped(app, text)) {
    for (const CLI::Option* option : group.options) {
      const OptionValue value = value_of(*option);
      const std::string explanation = "[" + zsh_explanation(*option) + "]" + zsh_value(*option, value);
      for (const std::string& name : names_of(*option)) {
        const char* joined = value.name.empty() ? "" : name.starts_with("--") ? "=" : "+";
        const char* again = option->get_expected_max() > 1 ? "*" : "";
        specs += " \\\n  " + mien::shell_quoted(again + name + joined + explanation);
      }
    }
  }
  return "#compdef " + text.name + "\n_arguments -s" + specs + " \\\n  '*:file:_files'\n";
}

}  // namespace apps
