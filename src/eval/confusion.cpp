#include "mien/eval/confusion.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mien/core/error.hpp"

namespace mien::eval {
namespace {

std::optional<double> ratio(Index part, Index whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// The mean over the classes for which `measure` is defined.
template <typename Measure>
double mean_over_classes(int classes, Measure measure) {
  double sum = 0;
  int defined = 0;
  for (int c = 0; c < classes; ++c) {
    const std::optional<double> value = measure(c);
    sum += value.value_or(0);
    defined += value ? 1 : 0;
  }
  return defined == 0 ? 0 : sum / defined;
}

}  // namespace

Confusion::Confusion(std::vector<std::string> names) : names_(std::move(names)) {
  if (names_.empty()) throw ArgumentError("[confusion] no classes");
  std::vector<std::string> sorted = names_;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) throw ArgumentError("[confusion] two classes are called " + *twice);
  counts_.assign(names_.size() * names_.size(), 0);
}

std::size_t Confusion::cell(int label, int predicted) const {
  for (const int c : {label, predicted}) {
    if (c < 0 || c >= classes()) {
      throw ArgumentError("[confusion] class " + std::to_string(c) + ", there are " +
                          std::to_string(classes()));
    }
  }
  return static_cast<std::size_t>(label) * names_.size() + static_cast<std::size_t>(predicted);
}

void Confusion::add(int label, int predicted) {
  ++counts_[cell(label, predicted)];
  ++total_;
}

Index Confusion::count(int label, int predicted) const {
  return counts_[cell(label, predicted)];
}

Index Confusion::row_total(int label) const {
  Index sum = 0;
  for (int c = 0; c < classes(); ++c) sum += count(label, c);
  return sum;
}

Index Confusion::column_total(int predicted) const {
  Index sum = 0;
  for (int c = 0; c < classes(); ++c) sum += count(c, predicted);
  return sum;
}

Index Confusion::correct() const {
  Index sum = 0;
  for (int c = 0; c < classes(); ++c) sum += count(c, c);
  return sum;
}

double Confusion::accuracy() const {
  return ratio(correct(), total_).value_or(0);
}
double Confusion::accuracy_standard_error() const {
  return total_ == 0 ? 0 : std::sqrt(accuracy() * (1 - accuracy()) / static_cast<double>(total_));
}
std::optional<double> Confusion::precision(int c) const {
  return ratio(count(c, c), column_total(c));
}
std::optional<double> Confusion::recall(int c) const {
  return ratio(count(c, c), row_total(c));
}
std::optional<double> Confusion::f1(int c) const {
  if (row_total(c) == 0) return std::nullopt;
  return ratio(2 * count(c, c), row_total(c) + column_total(c));
}

double Confusion::macro_f1() const {
  return mean_over_classes(classes(), [this](int c) { return f1(c); });
}

double Confusion::macro_recall() const {
  return mean_over_classes(classes(), [this](int c) { return recall(c); });
}

}  // namespace mien::eval
