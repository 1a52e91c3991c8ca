// Which class a number stands for, in data that call classes by numbers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mien::data {

/// Which class each number in a data set stands for.
class ClassNumbers {
 public:
  /// FER2013's: 0 angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral.
  ClassNumbers();
  /// {"neutral", "happy", ...} from 0 on; "1=surprise" begins to count, or goes on, at 1. Names are those that
  /// class folders may have, and contempt, whose images are then passed over. No words: FER2013's. Throws
  /// ArgumentError for another name, a class or number that is given twice, and numbers above 99.
  static ClassNumbers parse(std::span<const std::string> words);
  /// The same of any printable names.
  static ClassNumbers parse_any(std::span<const std::string> words);

  /// FER2013's label; nothing for a number without a class, or with one that FER2013 does not have.
  std::optional<std::uint8_t> label(unsigned number) const;
  /// Whether the number stands for an expression that FER2013 does not have.
  bool is_other(unsigned number) const;
  /// What the number stands for, a FER2013's class or not.
  std::optional<std::string> name(unsigned number) const;
  /// "0 angry, 1 disgust, ...".
  std::string to_string() const;
  /// What parse was given; empty where nothing was.
  const std::vector<std::string>& words() const { return words_; }

 private:
  static ClassNumbers parse(std::span<const std::string> words,
                            std::string (*name_of)(const std::string& word, std::string_view name));

  std::vector<std::string> words_;
  std::map<unsigned, std::string> names_;  // FER2013's, or another expression
  std::map<unsigned, std::uint8_t> labels_;
};

/// FER2013's classes, which is what is read in faces, and contempt, the eighth that other data sets tell apart.
inline constexpr std::string_view kContempt = "contempt";
/// Whether all of these are among them. Other classes are of pictures that need not show a face.
bool are_expressions(std::span<const std::string> classes);

}  // namespace mien::data
