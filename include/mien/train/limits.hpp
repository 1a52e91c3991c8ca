// When a run ends, and what follows from that.
#pragma once

#include <cstdint>
#include <optional>

#include "mien/train/options.hpp"

namespace mien::train {

/// When a run ends, and when it is evaluated.
struct RunLimits {
  std::uint64_t steps = 0;       ///< in all, resumed ones included; 0: as many as `epochs` say
  std::uint64_t epochs = 0;      ///< in all; 0: no limit
  double seconds = 0;            ///< of this sitting; 0: no limit
  std::uint64_t patience = 0;    ///< evaluations without a better validation accuracy; 0: no limit
  std::uint64_t eval_every = 0;  ///< steps; 0: once an epoch
  /// The run is as many steps as fit into `seconds`, and the schedule ends with them: how many is planned
  /// after 50 steps (from a tenth of the time on after each, until then) and again after every evaluation.
  /// Steps and epochs are 0.
  bool fit_seconds = false;

  /// What last_step is before it has been planned.
  static constexpr std::uint64_t kUnplanned = std::uint64_t{1} << 40;
  /// What more epochs come to.
  static constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 62;
  /// The step at which the run is complete. Throws ArgumentError when nothing limits it.
  std::uint64_t last_step(std::uint64_t steps_per_epoch) const;
};

/// The limits somebody asks for; the others are the run's own affair.
struct AskedLimits {
  std::optional<std::uint64_t> steps = {};
  std::optional<std::uint64_t> epochs = {};
  std::optional<double> seconds = {};
  std::optional<std::uint64_t> patience = {};
  std::optional<std::uint64_t> eval_every = {};
};

/// Of a new run. Neither steps nor epochs asked for are kDefaultEpochs; or, given a time and a schedule that
/// has to come down with the run, as many steps as fit.
RunLimits begun_limits(const AskedLimits& asked, optim::ScheduleKind schedule);
inline constexpr std::uint64_t kDefaultEpochs = 10;

/// Of a run that goes on: as saved, but for what is asked for. A time is one sitting's and not taken over; an
/// end in steps or epochs takes the place of any other.
RunLimits resumed_limits(const AskedLimits& asked, const RunLimits& saved);

/// Puts into the options what they leave to the run's length: the end of a cosine and of mixing, a warm-up that
/// shrinks, drops without a number of steps. Does nothing to options that have all of it, as a checkpoint's
/// have. Throws ArgumentError when nothing limits the run.
void resolve_schedule(TrainOptions& options, const RunLimits& limits, std::uint64_t steps_per_epoch);

}  // namespace mien::train
