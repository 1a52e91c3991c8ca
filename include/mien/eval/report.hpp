// The texts of an evaluation: report.json for programs, confusion.csv for spreadsheets.
#pragma once

#include <optional>
#include <string>

#include "mien/eval/confusion.hpp"

namespace mien::eval {

struct ReportDetails {
  std::string split;           ///< what was evaluated, e.g. "PrivateTest"
  std::string model;           ///< file or name; left out of the report when empty
  std::optional<double> loss;  ///< mean loss; null in the report when not finite, left out when not given
};

/// {"schema": 1, "split", "model", "images", "correct", "accuracy", "loss", "macro_f1",
///  "classes": [{"name", "label", "count", "predicted", "precision", "recall", "f1"}, ..],
///  "confusion": [[..], ..]} with a row per actual class, and a newline at the end.
std::string report_json(const Confusion& confusion, const ReportDetails& details);

/// RFC 4180 with CRLF line ends: "actual\predicted" and the class names, then one line per actual class.
std::string confusion_csv(const Confusion& confusion);

}  // namespace mien::eval
