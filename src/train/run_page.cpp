#include "mien/train/run_page.hpp"

#include <algorithm>
#include <cmath>

#include "mien/core/text.hpp"
#include "mien/train/metrics.hpp"

namespace mien::train {
namespace {

using eval::escape_html;

std::string pill(RunPage::Status status) {
  switch (status) {
    case RunPage::Status::running:
      return "<span class=\"pill running\">running</span>";
    case RunPage::Status::done:
      return "<span class=\"pill done\">done</span>";
    case RunPage::Status::stopped:
      return "<span class=\"pill\">stopped</span>";
    case RunPage::Status::failed:
      return "<span class=\"pill failed\">failed</span>";
  }
  return {};
}

std::string share_text(double share) {
  return std::isfinite(share) ? format_fixed(100 * share, 1) + " %" : "–";
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, std::round(seconds)));
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 7200) return std::to_string(whole / 60) + " min";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

std::string figures(const RunPage& page) {
  if (page.history.empty()) return {};
  const MetricRow& last = page.history.back();
  std::string text = "<dl class=\"figures\">\n";
  if (const MetricRow* best = best_row(page.history)) {
    text +=
        eval::figure_html("best accuracy", share_text(best->validation_accuracy),
                          "epoch " + format_fixed(best->epoch, std::floor(best->epoch) == best->epoch ? 0 : 1));
    text += eval::figure_html("last accuracy", share_text(last.validation_accuracy));
  }
  text += eval::figure_html("epochs", format_fixed(last.epoch, std::floor(last.epoch) == last.epoch ? 0 : 1),
                            grouped(last.step) + " steps");
  if (std::isfinite(last.images_per_second)) {
    text += eval::figure_html("images a second", grouped(static_cast<std::uint64_t>(last.images_per_second)));
  }
  return text + eval::figure_html("time", duration(last.seconds)) + "</dl>\n";
}

std::string curves(const RunPage& page) {
  if (page.history.empty()) {
    return eval::section("Curves", "<p class=\"note\">They begin with the first evaluation.</p>\n");
  }
  const std::optional<double> best =
      page.best_step == 0 ? std::nullopt : epoch_of(page.history, page.best_step);
  const auto both = [&](double MetricRow::*training, double MetricRow::*validation) {
    return std::vector<eval::Curve>{curve(page.history, "training", training),
                                    curve(page.history, "validation", validation)};
  };
  std::string text = "<div class=\"charts\">\n";
  text += eval::chart_svg(
      {.title = "Loss", .curves = both(&MetricRow::train_loss, &MetricRow::validation_loss), .best = best});
  text += eval::chart_svg({.title = "Accuracy",
                           .curves = both(&MetricRow::train_accuracy, &MetricRow::validation_accuracy),
                           .best = best});
  for (const auto& [title, one] : {std::pair("Learning rate", &MetricRow::learning_rate),
                                   std::pair("Images a second", &MetricRow::images_per_second)}) {
    text += eval::chart_svg(
        {.title = title, .curves = {curve(page.history, title, one)}, .best = best, .legend = false});
  }
  return eval::section("Curves", text + "</div>\n");
}

// Those that differ from what the recipe says come first: they are what makes this run.
std::string options_table(const RunPage& page) {
  std::string text = "<div class=\"wide\"><table class=\"words\">\n";
  for (const bool usual : {false, true}) {
    for (const RunPage::Option& option : page.options) {
      if (option.usual != usual) continue;
      text += std::string("<tr") + (usual ? " class=\"same\"" : "") + "><th scope=\"row\">" +
              escape_html(option.flag) + "</th><td>" + escape_html(option.value) + "</td></tr>\n";
    }
  }
  return text + "</table></div>\n<p class=\"note\">Pale: as the recipe says.</p>\n";
}

std::string facts_table(const RunPage& page) {
  std::string text = "<div class=\"wide\"><table class=\"words\">\n";
  for (const auto& [name, value] : page.facts) {
    text += "<tr><th scope=\"row\">" + escape_html(name) + "</th><td>" + escape_html(value) + "</td></tr>\n";
  }
  return text + "</table></div>\n";
}

}  // namespace

std::string run_page(const RunPage& page) {
  std::string body = "<header>\n<h1>" + escape_html(page.name) + " " + pill(page.status) + "</h1>\n";
  body +=
      "<p class=\"note\">" + escape_html(page.progress) + "</p>\n</header>\n" + figures(page) + curves(page);
  for (const auto& [heading, html] : page.sections) body += eval::section(heading, html);
  if (!page.commands.empty()) {
    body += eval::section("What next", "<pre>" + escape_html(page.commands) + "</pre>\n");
  }
  body += eval::section("The run", facts_table(page));
  body += eval::section("Network", "<pre>" + escape_html(page.network) + "</pre>\n");
  body += eval::section("Options", options_table(page));
  const std::string state = page.status == RunPage::Status::running ? " (running)" : "";
  return eval::html_page({.title = page.name + state, .body = body, .reload_seconds = page.reload_seconds});
}

}  // namespace mien::train
