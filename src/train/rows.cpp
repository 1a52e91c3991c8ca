#include "mien/train/rows.hpp"

#include <algorithm>
#include <string>

#include "mien/core/error.hpp"
#include "mien/data/audit.hpp"

namespace mien::train {

using data::Split;

std::vector<std::uint32_t> training_rows(const data::Dataset& dataset, const RowChoice& choice) {
  std::vector<std::uint32_t> rows = dataset.indices(Split::training);
  if (choice.drop_leaks) {
    const std::vector<std::uint32_t> leaks = data::leaks(dataset);
    std::erase_if(rows, [&](std::uint32_t row) { return std::binary_search(leaks.begin(), leaks.end(), row); });
  }
  if (rows.empty()) throw DataError(dataset.source + ": no Training rows");
  if (dataset.classes.size() < 2) {
    throw DataError(dataset.source + ": one class, " + dataset.classes.at(0) +
                    ": there is nothing to tell apart");
  }
  if (choice.allow_absent_classes) return rows;
  std::vector<bool> present(dataset.classes.size());
  for (const std::uint32_t row : rows) present[dataset.labels[row]] = true;
  for (std::size_t c = 0; c < present.size(); ++c) {
    if (present[c]) continue;
    throw DataError(dataset.source + ": no Training rows of class " + std::to_string(c) + " (" +
                    dataset.classes[c] + "); --allow-absent-classes trains without it");
  }
  return rows;
}

void check_validation(const data::Dataset& dataset, std::uint64_t patience, optim::ScheduleKind schedule) {
  if (!dataset.indices(Split::public_test).empty()) return;
  const char* option = nullptr;
  if (patience > 0) option = "--patience";
  if (schedule == optim::ScheduleKind::plateau) option = "--schedule plateau";
  if (option == nullptr) return;
  throw ArgumentError(std::string(option) + " requires PublicTest rows, and " + dataset.source + " has none");
}

}  // namespace mien::train
