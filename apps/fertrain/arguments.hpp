// fertrain's command line.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "mien/data/classes.hpp"
#include "mien/data/pictures.hpp"
#include "mien/train/rows.hpp"
#include "mien/train/run.hpp"

namespace CLI {
class App;
}

namespace fertrain {

struct Arguments {
  std::string data;                  ///< --csv or --data
  bool any = false;                  ///< --data: of any classes
  mien::data::PictureForm form;      ///< --size, --channels: of these
  std::string votes;                 ///< --labels
  bool preset = false;               ///< --model names a network that comes along: it follows from the data
  bool as_usual = false;             ///< none of --preset, --model and --recipe
  std::string faces;                 ///< --faces
  mien::data::ClassNumbers classes;  ///< --classes
  std::string out;                   ///< --out; empty: a folder named after the model and the time
  std::string resume;                ///< --resume
  std::string start;                 ///< --start
  std::vector<std::string> compare;  ///< --compare: folders of runs, and nothing is trained
  mien::train::TrainOptions options;
  bool parts_given = false;        ///< --parts
  bool shard_given = false;        ///< --shard-dense
  mien::train::AskedLimits asked;  ///< --steps, --epochs, --time-limit, --patience, --eval-every
  mien::train::RunLimits limits;  ///< what follows from them; of a run that goes on once its checkpoint is read
  mien::train::RowChoice rows;    ///< --drop-leaks, --allow-absent-classes
  int threads = 0;
  bool dry_run = false;
  bool goes_on = false;  ///< where a checkpoint or a measure cannot be written
  bool quiet = false;
  bool onnx = false;  ///< --onnx
  std::string recipe;
  std::vector<std::string> command;  ///< argv
};

/// Calls `look` with all options of the program.
void describe(const std::function<void(const CLI::App&)>& look);

/// The arguments, or the exit code of a program that has nothing more to do (--help, a wrong option).
/// Throws mien::ArgumentError and mien::DataError for specs that cannot be read.
std::variant<Arguments, int> parse(int argc, char** argv);

/// "90", "90s", "30m", "2h", "1h30m" in seconds. Throws mien::ArgumentError.
double parse_duration(const std::string& text);

/// "64" or "48x64", height and width of pictures. Throws mien::ArgumentError.
mien::data::PictureForm parse_size(const std::string& text);

}  // namespace fertrain
