// The files a training run leaves behind.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mien/eval/evaluate.hpp"
#include "mien/train/run.hpp"

namespace mien::train {

/// A folder that one run at a time may write to: args.json, log.txt, metrics.csv, metrics.svg, confusion.csv,
/// confusion.svg, report.json, report.html, samples.png, best.safetensors, best.onnx, last.safetensors.
class RunFolder {
 public:
  /// Makes the folder and locks it. Throws DataError when it cannot be made or written, or when another
  /// process is training into it.
  explicit RunFolder(std::filesystem::path path);
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  /// Unlocks the folder; where the run made it and wrote nothing, removes it and the parents it made.
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path best() const { return path_ / "best.safetensors"; }
  std::filesystem::path best_onnx() const { return path_ / "best.onnx"; }
  std::filesystem::path last() const { return path_ / "last.safetensors"; }

  /// What its pictures and pages are called: the folder's name and the network's.
  std::string title(const std::string& model) const;

  /// Appends a line to log.txt.
  void log(std::string_view line);
  /// Writes a file called `name`, whole or not at all.
  void write_text(const std::string& name, std::string_view text);
  /// metrics.csv and metrics.svg.
  void write_metrics(const std::vector<MetricRow>& history, const std::string& title, std::uint64_t best_step);
  /// report.json, confusion.csv and confusion.svg; `suffix` goes before the dots ("-private").
  void write_evaluation(const eval::Evaluation& evaluation, const std::string& split, const std::string& model,
                        const std::string& suffix = "");
  /// Removes what processes that were killed left half written.
  void remove_abandoned();
  /// Removes what was made of a best.safetensors that is about to be replaced: reports, confusions, best.onnx.
  void remove_measures();
  /// samples.png: the first images of every class among `rows`.
  void write_samples(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                     const std::vector<std::string>& labels);

 private:
  std::filesystem::path path_;
  std::vector<std::filesystem::path> made_;  // the deepest first
  int lock_ = -1;
};

/// Throws ArgumentError where a run has left its weights: it can be resumed, and not begun anew over them.
void require_unused(const std::filesystem::path& folder);

}  // namespace mien::train
