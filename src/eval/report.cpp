#include "mien/eval/report.hpp"

#include <cmath>
#include <string_view>
#include <utility>

#include "mien/core/json.hpp"

namespace mien::eval {
namespace {

/// In quotes when the text holds what would end the field (RFC 4180).
std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

}  // namespace

std::string report_json(const Confusion& confusion, const ReportDetails& details) {
  Json::Array classes;
  Json::Array rows;
  for (int c = 0; c < confusion.classes(); ++c) {
    Json entry;
    entry.set("name", confusion.names()[static_cast<std::size_t>(c)])
        .set("label", c)
        .set("count", confusion.row_total(c))
        .set("predicted", confusion.column_total(c))
        .set("precision", confusion.precision(c))
        .set("recall", confusion.recall(c))
        .set("f1", confusion.f1(c));
    classes.push_back(std::move(entry));
    Json::Array row;
    for (int p = 0; p < confusion.classes(); ++p) row.emplace_back(confusion.count(c, p));
    rows.emplace_back(std::move(row));
  }

  Json report;
  report.set("schema", 1).set("split", details.split);
  if (!details.model.empty()) report.set("model", details.model);
  report.set("images", confusion.total())
      .set("correct", confusion.correct())
      .set("accuracy", confusion.accuracy());
  if (details.loss) report.set("loss", std::isfinite(*details.loss) ? Json(*details.loss) : Json());
  report.set("macro_f1", confusion.macro_f1())
      .set("classes", std::move(classes))
      .set("confusion", std::move(rows));
  return to_json(report, {.pretty = true, .ascii = false}) + "\n";
}

std::string confusion_csv(const Confusion& confusion) {
  std::string text = "actual\\predicted";
  for (const std::string& name : confusion.names()) text += ',' + csv_field(name);
  text += "\r\n";
  for (int c = 0; c < confusion.classes(); ++c) {
    text += csv_field(confusion.names()[static_cast<std::size_t>(c)]);
    for (int p = 0; p < confusion.classes(); ++p) text += ',' + std::to_string(confusion.count(c, p));
    text += "\r\n";
  }
  return text;
}

}  // namespace mien::eval
