// What the lines about a run's progress say, and how they are made to fit a terminal. Text in, text out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mien/train/run.hpp"

namespace fertrain {

/// A piece of a line, in ASCII.
struct Field {
  std::string text;
  std::string brief;  ///< where there is less room; empty: `text`
  int rank = 0;       ///< the highest goes first where even that is too much; rank 0 stays
};

/// The fields that fit into `width` columns, two blanks between them: all of them, all in brief, or as many of
/// those as fit. What is left alone and too long is cut. Empty fields are passed over.
std::string fitted(std::vector<Field> fields, std::size_t width);

/// Where a run stands between two evaluations.
struct ProgressView {
  std::uint64_t step = 0;       ///< done
  std::uint64_t last_step = 0;  ///< of the run; 0: not known yet
  std::uint64_t steps_per_epoch = 1;
  double loss = 0;
  double accuracy = 0;  ///< 0 .. 1, of the training batches
  double images_per_second = 0;
  double seconds_left = 0;
  std::string doing;  ///< what is done instead of steps: "evaluating"; empty: steps
};

/// At most `width` columns. Characters beyond ASCII only with `utf8`.
std::string progress_line(const ProgressView& view, std::size_t width, bool utf8);

/// The line about an evaluation, as it also goes into log.txt.
std::string evaluation_line(const mien::train::MetricRow& row, bool best);
/// The same, for a terminal of `width` columns.
std::string evaluation_line(const mien::train::MetricRow& row, bool best, std::size_t width);

}  // namespace fertrain
