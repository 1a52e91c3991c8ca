#include "common/did_you_mean.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "mien/core/text.hpp"

namespace apps {
namespace {

// Letters to change, add, drop or exchange with their neighbor (restricted Damerau-Levenshtein).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

// Without dashes at the front, in small letters, with dashes between words.
std::string plain(const std::string& word) {
  std::string text = mien::lower(word.substr(std::min(word.find_first_not_of('-'), word.size())));
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::vector<std::string> long_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// What CLI11 has found no place for, as it is written in its message: of several words the last one first.
std::string unknown_words(const std::string& message) {
  const std::size_t colon = message.find(": ");
  return colon == std::string::npos ? std::string() : message.substr(colon + 2);
}

// A path that is given without --data.
std::string data_meant(const CLI::App& app, const std::string& path) {
  const CLI::Option* data = app.get_option_no_throw("--data");
  std::error_code ignored;
  if (data == nullptr || data->count() > 0 || !std::filesystem::exists(path, ignored)) return {};
  return "; did you mean --data " + mien::shell_quoted(path) + "?";
}

// Options first: behind one that is not known the value it was to have is not known either.
std::string meant(const CLI::App& app, const std::string& words) {
  bool has_option = false;
  for (const std::string_view word : mien::split(words, ' ')) {
    if (!word.starts_with('-')) continue;
    has_option = true;
    const std::string hint = option_meant(app, std::string(word.substr(0, word.find('='))));
    if (!hint.empty()) return hint;
  }
  return has_option ? std::string() : data_meant(app, words);
}

}  // namespace

std::string most_like(const std::string& word, const std::vector<std::string>& words) {
  constexpr std::size_t kBegin =
      3;  // so many letters in common make a word that goes on the one that was meant
  const std::string asked = plain(word);
  if (asked.size() < 2) return {};
  std::string best;
  std::size_t least = asked.size() < 5 ? 2 : 3;  // one letter of a short word, two of others
  for (const std::string& candidate : words) {
    const std::size_t far = distance(asked, plain(candidate));
    if (far < least) {
      least = far;
      best = candidate;
    }
  }
  if (!best.empty() || asked.size() < kBegin) return best;
  for (const std::string& candidate : words) {
    if (plain(candidate).starts_with(asked) || asked.starts_with(plain(candidate) + "-")) return candidate;
  }
  return {};
}

std::string option_meant(const CLI::App& app, const std::string& word) {
  const std::string meant = most_like(word, long_options(app));
  return meant.empty() ? meant : "; did you mean " + meant + "?";
}

std::string failure_message(const CLI::App* app, const CLI::Error& error) {
  std::string text = mien::printable(error.what());
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr)
    text += meant(*app, unknown_words(error.what()));
  return text + "\nRun with --help for more information.\n";
}

}  // namespace apps
