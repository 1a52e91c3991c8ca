// Several runs side by side.
#pragma once

#include <string>
#include <vector>

#include "mien/train/run.hpp"

namespace mien::train {

/// A run and its evaluations.
struct ComparedRun {
  std::string name;
  std::vector<MetricRow> history;
};

/// Reads the metrics.csv of the folders of runs, or files of that kind. The name is the folder's; of two that
/// are alike as much of their paths as tells them apart. Throws DataError as read_metrics_csv does, and where
/// there is no such file.
std::vector<ComparedRun> read_runs(const std::vector<std::string>& paths);

/// A line a run with its best validation accuracy, when that was, the loss there, epochs, time and speed; for
/// people.
std::string comparison_table(const std::vector<ComparedRun>& runs);
/// Curves of all runs over epochs and over time, as a page with the same table, and as an SVG file.
std::string comparison_page(const std::vector<ComparedRun>& runs);
/// The SVG file.
std::string comparison_svg(const std::vector<ComparedRun>& runs);

}  // namespace mien::train
