// Every option of a run as it is called where somebody gives it: command lines, their help and checks, and what
// may not change once a run has begun are made from these rows. src/train/option_rows.cpp says what there is.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mien/train/options.hpp"

namespace mien::train {

/// One option of TrainOptions. Once a run has begun, none of them may change.
struct OptionRow {
  std::string key = {};   ///< in to_json(TrainOptions), with a dot between levels: "schedule.base"
  std::string flag = {};  ///< on the command line: "--lr"
  std::string help = {};
  double least = 0;  ///< of numbers and counts
  double most = std::numeric_limits<float>::max();
  std::string value_name = {};  ///< such as "ALPHA", where it has one of its own
  /// What is to be given for it.
  enum class Kind { word, number, count };
  Kind kind = Kind::word;               ///< number: a float. count: an integer
  std::vector<std::string> words = {};  ///< of a word: all there are; of a switch "on" and "off"
};

/// All options that a command line has, in the order of the JSON.
std::vector<OptionRow> option_rows();

/// What `options` say of the one with that flag: "0.1", "on", "cosine". Throws ArgumentError for another flag.
std::string option_text(const TrainOptions& options, std::string_view flag);

/// Pairs such as {"--lr", "0.1"}, in any order. Throws ArgumentError or DataError, changing nothing, for other
/// flags, and for texts and numbers that the rows do not allow.
void set_options(TrainOptions& options, const std::vector<std::pair<std::string, std::string>>& given);

/// Throws ArgumentError naming the first option outside of its row's range.
void check_ranges(const TrainOptions& options);

}  // namespace mien::train
