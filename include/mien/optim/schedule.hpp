// How the learning rate changes over a run.
#pragma once

#include <cstdint>

namespace mien::optim {

/// The shape of the curve; ScheduleOptions says what each needs.
enum class ScheduleKind { constant, step, cosine, plateau };

/// How the learning rate changes.
struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::constant;
  float base = 1e-4f;              ///< the rate after warm-up
  std::uint64_t warmup_steps = 0;  ///< linear from base / warmup_steps to base
  bool warmup_shrinks = false;     ///< to a tenth of total_steps, where those are given and fewer
  std::uint64_t total_steps =
      0;  ///< cosine: where it reaches zero (Loshchilov & Hutter 2017); 0: not yet known
  std::uint64_t steps_per_drop =
      0;                       ///< step: multiplied by `factor` each time so many have passed; 0: not yet known
  float factor = 0.1f;         ///< step and plateau: in (0, 1)
  std::uint64_t patience = 5;  ///< plateau: reports without improvement before a drop
  float minimum = 0.0f;        ///< never below this, warm-up aside

  bool operator==(const ScheduleOptions&) const = default;
};

/// The learning rate of each step.
class Schedule {
 public:
  /// Throws ArgumentError for options that do not make sense together.
  explicit Schedule(const ScheduleOptions& options);

  const ScheduleOptions& options() const { return options_; }
  /// Another end, because the length of the run has turned out to be another; of a cosine at least one step
  /// behind the warm-up. The other kinds' rates do not depend on it.
  void set_total_steps(std::uint64_t steps);

  /// The rate for the step numbered `step`, from 0. Throws ArgumentError where a number that it depends on is
  /// not yet known.
  float rate(std::uint64_t step) const;
  /// plateau: tells a validation metric, higher is better. Ignored by the other kinds.
  void report(double metric);

  /// What report() has gathered, for a checkpoint.
  struct State {
    double best = -1e300;
    std::uint64_t stale = 0;
    std::uint64_t drops = 0;
  };
  const State& state() const { return state_; }
  /// Goes on from a saved state.
  void set_state(const State& state) { state_ = state; }

 private:
  std::uint64_t warmup() const;  // steps

  ScheduleOptions options_;
  State state_;
};

}  // namespace mien::optim
