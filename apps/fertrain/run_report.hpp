// report.html of the run that goes on: what it shows is gathered here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "mien/train/run_folder.hpp"
#include "mien/train/run_page.hpp"
#include "training_data.hpp"

namespace fertrain {

class RunReport {
 public:
  /// `begun` is args.json, which says how the run began.
  RunReport(mien::train::RunFolder& folder, const Arguments& a, const TrainingData& data,
            const mien::train::Trainer& trainer, const mien::Json& begun);

  /// Writes the page of a run that goes on; it reloads itself.
  void running(const mien::train::Trainer& trainer, const mien::train::RunState& state);
  /// The last page, of a run that is over or stopped; `commands` are how to go on. `measured` takes the place
  /// of what was measured while it ran.
  void over(const mien::train::RunState& state, mien::train::RunPage::Status status, const std::string& how,
            const std::string& commands, const std::vector<Measured>& measured = {});

 private:
  void write(const mien::train::RunState& state);
  void show_evaluation(const mien::train::RunState& state);
  std::uint64_t last_step(const mien::train::RunState& state) const;

  mien::train::RunFolder& folder_;
  const TrainingData& data_;
  mien::train::RunPage page_;
  mien::train::RunLimits limits_;
  std::uint64_t steps_per_epoch_;
  mien::Index batch_;
};

}  // namespace fertrain
