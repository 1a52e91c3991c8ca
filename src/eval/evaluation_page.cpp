// The parts of a page that show an evaluation.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/eval/page.hpp"
#include "mien/eval/plots.hpp"

namespace mien::eval {
namespace {

constexpr int kMostClassesInTable = 30;
constexpr int kMostClassesInHalf = 8;  // of the page's width
constexpr std::size_t kMostPairs = 30;
constexpr const char* kPercent = "\xc2\xa0%";  // on the line of its number
constexpr double kStrong = 0.75;               // of a shade that is written on in another color

std::string in_percent(double share, int digits = 1) {
  return format_fixed(100 * share, digits) + kPercent;
}

std::string figures_html(const Evaluation& e) {
  const Confusion& c = e.confusion;
  std::string text =
      "<dl class=\"figures\">\n" +
      figure_html("accuracy", in_percent(c.accuracy()), "± " + in_percent(c.accuracy_standard_error())) +
      figure_html("right", grouped(static_cast<std::uint64_t>(c.correct())),
                  "of " + grouped(static_cast<std::uint64_t>(c.total()))) +
      figure_html("macro-F1", format_fixed(c.macro_f1(), 3)) + figure_html("loss", format_fixed(e.loss, 3)) +
      figure_html("calibration error", in_percent(e.calibration_error));
  if (e.without_copies) {
    text += figure_html("without copies of training rows", in_percent(e.without_copies->accuracy()),
                        "of " + grouped(static_cast<std::uint64_t>(e.without_copies->count)));
  }
  return text + "</dl>\n";
}

std::string cell(const Confusion& c, int label, int predicted) {
  const Index count = c.count(label, predicted), row = c.row_total(label);
  const double share = row == 0 ? 0 : static_cast<double>(count) / static_cast<double>(row);
  const double shade = std::pow(share, 0.8);  // small shares show, too
  std::string kind = label == predicted ? "right" : "";
  if (shade > kStrong) kind += kind.empty() ? "strong" : " strong";
  std::string text = "<td" + (kind.empty() ? "" : " class=\"" + kind + "\"") +
                     " style=\"--s:" + format_fixed(shade, 3) + "\">" + std::to_string(count);
  if (row > 0) text += "<small>" + format_fixed(100 * share, 0) + " %</small>";
  return text + "</td>";
}

std::string confusion_table(const Confusion& c) {
  std::string text =
      "<p class=\"note\">Rows are what they are, columns what they were taken for, with the share of the row."
      "</p>\n<div class=\"wide\"><table class=\"confusion\">\n<tr><td style=\"--s:0\"></td>";
  for (const std::string& name : c.names()) text += "<th scope=\"col\">" + escape_html(name) + "</th>";
  text += "</tr>\n";
  for (int label = 0; label < c.classes(); ++label) {
    text += "<tr><th scope=\"row\">" + escape_html(c.names()[static_cast<std::size_t>(label)]) + "</th>";
    for (int predicted = 0; predicted < c.classes(); ++predicted) text += cell(c, label, predicted);
    text += "</tr>\n";
  }
  return text + "</table></div>\n";
}

// Where a table of all would be too large to be looked at.
std::string confused_pairs(const Confusion& c) {
  struct Pair {
    int label, predicted;
    Index count;
  };
  std::vector<Pair> pairs;
  for (int l = 0; l < c.classes(); ++l) {
    for (int p = 0; p < c.classes(); ++p) {
      if (l != p && c.count(l, p) > 0) pairs.push_back({l, p, c.count(l, p)});
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.count > b.count; });
  pairs.resize(std::min(pairs.size(), kMostPairs));
  std::vector<std::vector<std::string>> rows = {{"class", "taken for", "times", "share of the class"}};
  for (const Pair& pair : pairs) {
    const double share = static_cast<double>(pair.count) / static_cast<double>(c.row_total(pair.label));
    rows.push_back({c.names()[static_cast<std::size_t>(pair.label)],
                    c.names()[static_cast<std::size_t>(pair.predicted)], std::to_string(pair.count),
                    in_percent(share)});
  }
  return html_table(rows);
}

std::string class_table(const Confusion& c) {
  std::vector<std::vector<std::string>> rows = {{"class", "rows", "predicted", "precision", "recall", "F1"}};
  const auto share = [](std::optional<double> value) { return value ? in_percent(*value) : std::string("–"); };
  for (int k = 0; k < c.classes(); ++k) {
    rows.push_back({c.names()[static_cast<std::size_t>(k)], std::to_string(c.row_total(k)),
                    std::to_string(c.column_total(k)), share(c.precision(k)), share(c.recall(k)),
                    share(c.f1(k))});
  }
  return html_table(rows);
}

std::string calibration_html(const Evaluation& e) {
  if (e.labels.empty()) return {};
  const std::vector<CalibrationBin> bins = calibration_bins(e.probabilities, e.labels);
  if (bins.empty()) return {};
  double said = 0;
  for (const CalibrationBin& bin : bins) said += bin.probability_sum;
  said /= static_cast<double>(e.labels.size());
  const double gap = said - e.confusion.accuracy();
  const std::string verdict = std::abs(gap) < 0.02 ? "about as often as it says"
                              : gap > 0            ? "less often than it says: it is too sure of itself"
                                                   : "more often than it says: it is not sure enough of itself";
  return reliability_svg(bins) +
         "<p class=\"note\">On the dashed line a network is right as often as it says. "
         "This one says " +
         in_percent(said) + " on average and is right " + verdict + ".</p>\n";
}

/// Where to find an image: its row, or its file's name and folder, with the whole path as a tooltip.
std::string place_html(const data::Dataset& dataset, Index row) {
  if (dataset.files.empty()) return "row " + std::to_string(row);
  const std::filesystem::path file = dataset.files[static_cast<std::size_t>(row)];
  const std::filesystem::path shown = file.parent_path().filename() / file.filename();
  return "<span title=\"" + escape_html(file.string()) + "\">" + escape_html(shown.string()) + "</span>";
}

}  // namespace

std::vector<Mistake> worst_mistakes(const Evaluation& evaluation, std::size_t most) {
  const auto classes = static_cast<std::size_t>(evaluation.confusion.classes());
  std::vector<Mistake> mistakes;
  for (std::size_t i = 0; i < evaluation.right.size(); ++i) {
    if (evaluation.right[i]) continue;
    const auto first = evaluation.probabilities.begin() + static_cast<std::ptrdiff_t>(i * classes);
    const auto top = std::max_element(first, first + static_cast<std::ptrdiff_t>(classes));
    mistakes.push_back({i, evaluation.labels[i], static_cast<int>(top - first), double{*top}});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.probability > b.probability; });
  mistakes.resize(std::min(mistakes.size(), most));
  return mistakes;
}

std::string evaluation_html(const Evaluation& evaluation) {
  const Confusion& c = evaluation.confusion;
  const std::string confused = c.classes() > kMostClassesInTable ? confused_pairs(c) : confusion_table(c);
  const std::string tables = "<h3>Confusion</h3>\n" + confused + "<h3>Classes</h3>\n" + class_table(c);
  const std::string calibration = "<h3>Calibration</h3>\n" + calibration_html(evaluation);
  if (c.classes() > kMostClassesInHalf) return figures_html(evaluation) + tables + calibration;
  return figures_html(evaluation) + "<div class=\"charts\">\n<div>" + tables + "</div>\n<div>" + calibration +
         "</div>\n</div>\n";
}

std::string mistakes_html(const Evaluation& evaluation, const data::Dataset& dataset,
                          std::span<const std::uint32_t> rows, std::size_t most) {
  const std::vector<Mistake> mistakes = worst_mistakes(evaluation, most);
  if (mistakes.empty()) return {};
  const std::vector<std::string>& names = evaluation.confusion.names();
  std::string text = "<h3>The surest mistakes</h3>\n<div class=\"faces\">\n";
  for (const Mistake& m : mistakes) {
    const Index row = static_cast<Index>(rows[m.place]);
    const auto pixels = dataset.image(row);
    const std::string label = names[static_cast<std::size_t>(m.label)];
    const std::string taken = names[static_cast<std::size_t>(m.predicted)];
    text += "<figure>" + picture(dataset.width, dataset.height, pixels, label + ", taken for " + taken) +
            "<figcaption>" + escape_html(label) + "<br><span>taken for</span> " + escape_html(taken) +
            " <span>" + format_fixed(100 * m.probability, 0) + kPercent + ", " + place_html(dataset, row) +
            "</span></figcaption></figure>\n";
  }
  text += "</div>\n";
  return dataset.files.empty()
             ? text + "<p class=\"note\">Rows are counted from 0 in the order of the data.</p>\n"
             : text;
}

}  // namespace mien::eval
