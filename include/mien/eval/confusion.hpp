// Counting what a classifier said, and the usual measures made of the counts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/core/shape.hpp"

namespace mien::eval {

/// How often each class was taken for each: row = actual label, column = predicted. All measures are in
/// 0 .. 1. What would be 0 / 0 is not defined and has no value: the precision of a class never predicted,
/// recall and F1 of a class without rows. Means over classes are of those with rows, since no others could be
/// got right; the accuracy and the means of nothing are 0.
class Confusion {
 public:
  /// One class per name. Throws ArgumentError for no names, and for two that are equal.
  explicit Confusion(std::vector<std::string> names);

  /// Counts one example. Throws ArgumentError for a number that is not a class.
  void add(int label, int predicted);

  int classes() const { return static_cast<int>(names_.size()); }
  const std::vector<std::string>& names() const { return names_; }
  /// Examples of class `label` for which `predicted` was the answer.
  Index count(int label, int predicted) const;
  /// Examples with this label; examples this class was predicted for.
  Index row_total(int label) const;
  /// The same for the class predicted.
  Index column_total(int predicted) const;
  Index total() const { return total_; }
  Index correct() const;

  double accuracy() const;
  /// sqrt(accuracy (1 - accuracy) / total): how far another draw of as many examples would be off. 0 for none.
  double accuracy_standard_error() const;
  /// Of what was predicted as class `c`, the share that is.
  std::optional<double> precision(int c) const;
  /// Of what is class `c`, the share that was predicted so.
  std::optional<double> recall(int c) const;
  /// 2 precision recall / (precision + recall) = 2 correct / (row_total + column_total): 0 for a class with
  /// rows that was never predicted.
  std::optional<double> f1(int c) const;
  /// sum of f1 / classes with rows: scikit-learn's f1_score(labels, predicted, average="macro",
  /// labels=numpy.unique(labels)).
  double macro_f1() const;
  /// sum of recall / classes with rows: scikit-learn's balanced_accuracy_score.
  double macro_recall() const;

 private:
  std::size_t cell(int label, int predicted) const;

  std::vector<std::string> names_;
  std::vector<Index> counts_;
  Index total_ = 0;
};

}  // namespace mien::eval
