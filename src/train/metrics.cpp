#include "mien/train/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::train {
namespace {

constexpr std::string_view kHeader =
    "step,epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,learning_rate,"
    "images_per_second,seconds";

using Figure = std::pair<std::string_view, double MetricRow::*>;
constexpr std::array<Figure, 8> kFigures = {{{"epoch", &MetricRow::epoch},
                                             {"train_loss", &MetricRow::train_loss},
                                             {"train_accuracy", &MetricRow::train_accuracy},
                                             {"validation_loss", &MetricRow::validation_loss},
                                             {"validation_accuracy", &MetricRow::validation_accuracy},
                                             {"learning_rate", &MetricRow::learning_rate},
                                             {"images_per_second", &MetricRow::images_per_second},
                                             {"seconds", &MetricRow::seconds}}};

std::string cell(double value) {
  return std::isfinite(value) ? format_number(value) : std::string();
}

// A loss that was measured may be NaN itself.
std::string loss_cell(double loss, double accuracy) {
  if (!std::isfinite(accuracy)) return cell(loss);
  return std::isnan(loss) ? "nan" : format_number(loss);  // and never -nan
}

double number_in(std::string_view cell, const std::string& place) {
  if (cell.empty() || cell == "nan") return MetricRow::kNone;
  if (cell == "inf") return HUGE_VAL;
  if (cell == "-inf") return -HUGE_VAL;
  if (const std::optional<double> value = parse_double(cell)) return *value;
  throw DataError(place + ": expected a number, found " + quote(cell));
}

void set_cell(MetricRow& row, std::string_view column, std::string_view cell, const std::string& place) {
  if (column == "step") {
    const std::optional<Index> step = parse_index(cell);
    if (!step || *step < 0) throw DataError(place + ": expected a step, found " + quote(cell));
    row.step = static_cast<std::uint64_t>(*step);
    return;
  }
  for (const auto& [name, figure] : kFigures) {
    if (column == name) row.*figure = number_in(cell, place);
  }
}

std::string_view without_return(std::string_view line) {
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

}  // namespace

std::string metrics_csv(const std::vector<MetricRow>& history) {
  std::string text = std::string(kHeader) + "\r\n";
  for (const MetricRow& row : history) {
    text += std::to_string(row.step);
    text += "," + cell(row.epoch);
    text += "," + loss_cell(row.train_loss, row.train_accuracy) + "," + cell(row.train_accuracy);
    text += "," + loss_cell(row.validation_loss, row.validation_accuracy) + "," + cell(row.validation_accuracy);
    for (const double value : {row.learning_rate, row.images_per_second, row.seconds}) {
      text += "," + cell(value);
    }
    text += "\r\n";
  }
  return text;
}

std::vector<MetricRow> read_metrics_csv(std::string_view text, const std::string& source) {
  const std::vector<std::string_view> lines = split(text, '\n');
  const std::vector<std::string_view> columns = split(without_return(lines[0]), ',');
  for (const std::string_view needed : {"step", "epoch"}) {
    if (std::find(columns.begin(), columns.end(), needed) == columns.end()) {
      throw DataError(source + ":1: no column " + quote(needed) + ": not the metrics.csv of a run");
    }
  }
  std::vector<MetricRow> history;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string_view line = without_return(lines[i]);
    if (line.empty()) continue;
    const std::string place = source + ":" + std::to_string(i + 1);
    const std::vector<std::string_view> cells = split(line, ',');
    if (cells.size() != columns.size()) {
      throw DataError(place + ": expected " + std::to_string(columns.size()) + " cells, found " +
                      std::to_string(cells.size()));
    }
    MetricRow& row = history.emplace_back();
    for (std::size_t c = 0; c < cells.size(); ++c) set_cell(row, columns[c], cells[c], place);
  }
  return history;
}

eval::Curve curve(const std::vector<MetricRow>& history, const std::string& name, double MetricRow::*figure,
                  double MetricRow::*over) {
  eval::Curve result{.name = name, .points = {}};
  for (const MetricRow& row : history) result.points.push_back({row.*over, row.*figure});
  return result;
}

std::optional<double> epoch_of(const std::vector<MetricRow>& history, std::uint64_t step) {
  for (const MetricRow& row : history) {
    if (row.step == step) return row.epoch;
  }
  return std::nullopt;
}

bool is_better(const MetricRow& row, const MetricRow& than) {
  if (row.validation_accuracy != than.validation_accuracy)
    return row.validation_accuracy > than.validation_accuracy;
  return row.validation_loss < than.validation_loss;
}

const MetricRow* best_row(const std::vector<MetricRow>& history) {
  const MetricRow* best = nullptr;
  for (const MetricRow& row : history) {
    if (!std::isfinite(row.validation_accuracy)) continue;
    if (best == nullptr || is_better(row, *best)) best = &row;
  }
  return best;
}

}  // namespace mien::train
