#include "mien/train/compare.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <system_error>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "mien/eval/page.hpp"
#include "mien/train/metrics.hpp"

namespace mien::train {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostMetricBytes = std::size_t{64} << 20;

fs::path folder_of(const std::string& path) {
  std::error_code ignored;
  const fs::path whole = fs::absolute(path, ignored).lexically_normal();
  const fs::path folder = fs::is_directory(path, ignored) ? whole : whole.parent_path();
  return folder.filename().empty() ? folder.parent_path() : folder;
}

// The last `parts` parts of a path.
std::string tail(const fs::path& path, int parts) {
  fs::path result = path.filename();
  fs::path rest = path.parent_path();
  for (int i = 1; i < parts && rest.has_filename(); ++i, rest = rest.parent_path())
    result = rest.filename() / result;
  return result.string();
}

std::vector<std::string> names_of(const std::vector<std::string>& paths) {
  constexpr int kMostParts = 64;
  for (int parts = 1; parts < kMostParts; ++parts) {
    std::vector<std::string> names;
    for (const std::string& path : paths) names.push_back(tail(folder_of(path), parts));
    if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  }
  return paths;
}

std::string fixed(double value, int digits) {
  return std::isfinite(value) ? format_fixed(value, digits) : "-";
}

// By its best row, or the last one where nothing was validated.
std::vector<std::string> summary_cells(const ComparedRun& run) {
  if (run.history.empty()) return {run.name, "-", "-", "-", "-", "-", "-"};
  const MetricRow& last = run.history.back();
  const MetricRow* best = best_row(run.history);
  const MetricRow& shown = best == nullptr ? last : *best;
  return {run.name,
          std::isfinite(shown.validation_accuracy) ? fixed(100 * shown.validation_accuracy, 2) + " %" : "-",
          fixed(shown.epoch, 2),
          fixed(shown.validation_loss, 4),
          fixed(last.epoch, 2),
          fixed(last.seconds / 60, 1),
          fixed(last.images_per_second, 0)};
}

std::vector<std::vector<std::string>> summary_rows(const std::vector<ComparedRun>& runs) {
  std::vector<std::vector<std::string>> rows = {
      {"run", "accuracy", "at epoch", "loss there", "epochs", "minutes", "images/s"}};
  for (const ComparedRun& run : runs) rows.push_back(summary_cells(run));
  return rows;
}

double MetricRow::*const kByEpoch = &MetricRow::epoch;

std::vector<eval::Chart> charts(const std::vector<ComparedRun>& runs) {
  const auto chart = [&](const char* title, double MetricRow::*figure) {
    eval::Chart result{.title = title, .curves = {}, .legend = false};
    for (const ComparedRun& run : runs) result.curves.push_back(curve(run.history, run.name, figure, kByEpoch));
    return result;
  };
  std::vector<eval::Chart> result = {chart("Validation accuracy", &MetricRow::validation_accuracy),
                                     chart("Validation loss", &MetricRow::validation_loss),
                                     chart("Training accuracy", &MetricRow::train_accuracy),
                                     chart("Training loss", &MetricRow::train_loss)};
  eval::Chart over_time{.title = "Validation accuracy over time",
                        .curves = {},
                        .x_name = "minutes",
                        .least_x_step = 0,
                        .legend = false};
  for (const ComparedRun& run : runs) {
    eval::Curve minutes = curve(run.history, run.name, &MetricRow::validation_accuracy, &MetricRow::seconds);
    for (eval::CurvePoint& point : minutes.points) point.x /= 60;
    over_time.curves.push_back(std::move(minutes));
  }
  result.push_back(std::move(over_time));
  result.push_back(chart("Learning rate", &MetricRow::learning_rate));
  return result;
}

}  // namespace

std::vector<ComparedRun> read_runs(const std::vector<std::string>& paths) {
  const std::vector<std::string> names = names_of(paths);
  std::vector<ComparedRun> runs;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::error_code ignored;
    const bool folder = fs::is_directory(paths[i], ignored);
    const fs::path file = folder ? fs::path(paths[i]) / "metrics.csv" : fs::path(paths[i]);
    if (folder && !fs::exists(file, ignored)) {
      throw DataError(paths[i] + ": no metrics.csv in this folder: no run, or one without an evaluation yet");
    }
    runs.push_back({names[i], read_metrics_csv(read_file(file, kMostMetricBytes), file.string())});
  }
  return runs;
}

std::string comparison_table(const std::vector<ComparedRun>& runs) {
  std::vector<std::vector<std::string>> rows = summary_rows(runs);
  std::vector<std::size_t> widths(rows[0].size());
  for (std::vector<std::string>& row : rows) {
    row[0] = printable(row[0]);
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    text += row[0] + std::string(widths[0] - row[0].size(), ' ');
    for (std::size_t c = 1; c < row.size(); ++c) {
      text += "  " + std::string(widths[c] - row[c].size(), ' ') + row[c];
    }
    text += "\n";
  }
  return text;
}

std::string comparison_page(const std::vector<ComparedRun>& runs) {
  std::string body = "<header><h1>" + std::to_string(runs.size()) + " runs</h1></header>\n";
  body += eval::section("Best values", eval::html_table(summary_rows(runs)));
  std::string names = "<ul class=\"names\">\n", pictures = "<div class=\"charts\">\n";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    names += "<li><i style=\"background:" + eval::curve_color(i) + "\"></i>" + eval::escape_html(runs[i].name) +
             "</li>\n";
  }
  for (const eval::Chart& chart : charts(runs)) pictures += eval::chart_svg(chart);
  body += eval::section("Curves", names + "</ul>\n" + pictures + "</div>\n");
  return eval::html_page({.title = std::to_string(runs.size()) + " runs", .body = body});
}

std::string comparison_svg(const std::vector<ComparedRun>& runs) {
  return eval::charts_svg(charts(runs), {});
}

}  // namespace mien::train
