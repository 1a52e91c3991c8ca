// report.html: a run as a page, while it lasts and afterwards.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mien/eval/page.hpp"
#include "mien/train/run.hpp"

namespace mien::train {

/// What the page of a run shows.
struct RunPage {
  /// How the run is doing.
  enum class Status { running, done, stopped, failed };

  std::string name;  ///< of the run
  Status status = Status::running;
  std::string progress;  ///< where it stands, or how it ended; text
  int reload_seconds = 0;

  std::vector<MetricRow> history;
  std::uint64_t best_step = 0;  ///< 0: none yet

  /// A heading and HTML: evaluations, in the order they are shown.
  std::vector<std::pair<std::string, std::string>> sections;

  std::string network;   ///< as model::describe gives it
  std::string commands;  ///< how to go on from here, line by line
  /// An option of the run and its value.
  struct Option {
    std::string flag, value;
    bool usual = false;  ///< as its recipe says
  };
  std::vector<Option> options;
  std::vector<std::pair<std::string, std::string>> facts;  ///< data, processor and the like: name and text
};

/// The page (mien/eval/page.hpp).
std::string run_page(const RunPage& page);

}  // namespace mien::train
