// The figures of a run, evaluation by evaluation: as CSV, and as curves.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/eval/plots.hpp"
#include "mien/train/run.hpp"

namespace mien::train {

/// RFC 4180 text of the rows, header first; empty cells for what was not measured, nan or inf for losses
/// that are not finite.
std::string metrics_csv(const std::vector<MetricRow>& history);
/// The rows of such a text. Columns that are not there are NaN or 0; others are passed over. Throws DataError
/// naming `source` and line where there is no step or epoch, and for cells that are no numbers.
std::vector<MetricRow> read_metrics_csv(std::string_view text, const std::string& source);

/// One of the figures over the epochs, or over another one.
eval::Curve curve(const std::vector<MetricRow>& history, const std::string& name, double MetricRow::*figure,
                  double MetricRow::*over = &MetricRow::epoch);
/// When `step` was measured; nothing where it was not.
std::optional<double> epoch_of(const std::vector<MetricRow>& history, std::uint64_t step);
/// More accurate on the validation rows, or as accurate with less loss: of few rows many evaluations get the
/// same number right.
bool is_better(const MetricRow& row, const MetricRow& than);
/// The best row, of equal ones the first; null where none was measured.
const MetricRow* best_row(const std::vector<MetricRow>& history);

}  // namespace mien::train
