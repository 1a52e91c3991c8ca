#include "mien/eval/report.hpp"

#include <utility>

#include "mien/core/json.hpp"
#include "mien/core/text.hpp"

namespace mien::eval {
namespace {

std::string percent(double share, int digits) {
  return format_fixed(100 * share, digits);
}

Json value_or_null(std::optional<double> value) {
  return value ? Json(*value) : Json();
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
        .set("precision", value_or_null(confusion.precision(c)))
        .set("recall", value_or_null(confusion.recall(c)))
        .set("f1", value_or_null(confusion.f1(c)));
    classes.push_back(std::move(entry));
    Json::Array row;
    for (int p = 0; p < confusion.classes(); ++p) row.emplace_back(confusion.count(c, p));
    rows.emplace_back(std::move(row));
  }

  Json report;
  report.set("schema", 1).set("split", details.split);
  if (!details.model.empty()) report.set("model", details.model);
  if (!details.tta.empty()) report.set("tta", details.tta);
  if (!details.degraded.empty()) report.set("degraded", details.degraded);
  report.set("images", confusion.total())
      .set("correct", confusion.correct())
      .set("accuracy", confusion.accuracy())
      .set("standard_error", confusion.accuracy_standard_error());
  if (details.loss) report.set("loss", finite_or_null(*details.loss));
  if (details.ece) report.set("ece", finite_or_null(*details.ece));
  report.set("macro_f1", confusion.macro_f1()).set("macro_recall", confusion.macro_recall());
  if (details.without_copies) {
    Json subset;
    subset.set("count", details.without_copies->count).set("accuracy", details.without_copies->accuracy());
    report.set("without_copies", std::move(subset));
  }
  report.set("classes", std::move(classes)).set("confusion", std::move(rows));
  return to_json(report, {.pretty = true, .ascii = false}) + "\n";
}

std::string report_json(const Evaluation& evaluation, const std::string& split, const std::string& model,
                        const std::string& tta, const std::string& degraded) {
  return report_json(evaluation.confusion, {.split = split,
                                            .model = model,
                                            .loss = evaluation.loss,
                                            .ece = evaluation.calibration_error,
                                            .without_copies = evaluation.without_copies,
                                            .tta = tta,
                                            .degraded = degraded});
}

std::string summary(const Evaluation& evaluation, const std::string& split) {
  const Confusion& c = evaluation.confusion;
  std::string line = split + " accuracy " + percent(c.accuracy(), 2) + " % (" + std::to_string(c.correct()) +
                     " of " + std::to_string(c.total()) + ", +- " + percent(c.accuracy_standard_error(), 2) +
                     "), macro-F1 " + format_fixed(c.macro_f1(), 4) + ", ECE " +
                     format_fixed(evaluation.calibration_error, 4);
  if (const std::optional<Subset>& subset = evaluation.without_copies) {
    line += ", without copies of Training rows " + percent(subset->accuracy(), 2) + " % of " +
            std::to_string(subset->count);
  }
  return line;
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
