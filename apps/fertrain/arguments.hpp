// fertrain's command line.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "mien/data/classes.hpp"
#include "mien/train/run.hpp"

namespace fertrain {

struct Arguments {
  std::string data;                  ///< --csv
  mien::data::ClassNumbers classes;  ///< --classes
  std::string out;                   ///< --out; empty: a folder named after the model and the time
  std::string resume;                ///< --resume
  std::string start;                 ///< --start
  mien::train::TrainOptions options;
  mien::train::RunLimits limits;
  int threads = 0;
  bool drop_leaks = false;
  bool allow_absent_classes = false;
  bool dry_run = false;
  bool quiet = false;
  bool onnx = false;  ///< --onnx
  std::string recipe;
  std::vector<std::string> command;  ///< argv
  // Whether the command line gave what a resumed run otherwise takes from its checkpoint.
  bool steps_given = false;
  bool epochs_given = false;
  bool seconds_given = false;
  bool patience_given = false;
  bool eval_every_given = false;
};

/// The arguments, or the exit code of a program that has nothing more to do (--help, a wrong option).
/// Throws mien::ArgumentError and mien::DataError for specs that cannot be read.
std::variant<Arguments, int> parse(int argc, char** argv);

/// "90", "90s", "30m", "2h", "1h30m" in seconds. Throws mien::ArgumentError.
double parse_duration(const std::string& text);

}  // namespace fertrain
