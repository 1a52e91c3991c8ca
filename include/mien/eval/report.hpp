// The texts of an evaluation: report.json for programs, confusion.csv for spreadsheets.
#pragma once

#include <optional>
#include <string>

#include "mien/eval/confusion.hpp"
#include "mien/eval/evaluate.hpp"

namespace mien::eval {

/// What a report says beside the figures of an evaluation.
struct ReportDetails {
  std::string split;               ///< what was evaluated, e.g. "PrivateTest"
  std::string model;               ///< file or name; left out of the report when empty
  std::optional<double> loss;      ///< mean loss; null in the report when not finite, left out when not given
  std::optional<double> ece = {};  ///< expected calibration error; the same
  std::optional<Subset> without_copies = {};  ///< left out when not given
  std::string tta = {};                       ///< which views were averaged over; left out when empty
  std::string degraded = {};                  ///< what was done to the images; left out when empty
};

/// {"schema": 1, "split", "model", "tta", "degraded", "images", "correct", "accuracy", "standard_error",
/// "loss",
///  "ece", "macro_f1", "macro_recall", "without_copies": {"count", "accuracy"}, "classes": [{"name", "label",
///  "count", "predicted", "precision", "recall", "f1"}, ..], "confusion": [[..], ..]} with a row per actual
///  class, null for what is not defined, and a newline at the end.
std::string report_json(const Confusion& confusion, const ReportDetails& details);

/// The same of everything an evaluation holds.
std::string report_json(const Evaluation& evaluation, const std::string& split, const std::string& model,
                        const std::string& tta = "", const std::string& degraded = "");

/// A line for people, without a line break: "PublicTest accuracy 59.49 % (2135 of 3589, +- 0.82), macro-F1
/// 0.5750, ECE 0.0312, without copies of Training rows 58.90 % of 3500".
std::string summary(const Evaluation& evaluation, const std::string& split);

/// RFC 4180 with CRLF line ends: "actual\predicted" and the class names, then one line per actual class.
std::string confusion_csv(const Confusion& confusion);

}  // namespace mien::eval
