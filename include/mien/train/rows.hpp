// Which rows of a data set a run learns from, and what it needs the others for.
#pragma once

#include <cstdint>
#include <vector>

#include "mien/data/dataset.hpp"
#include "mien/optim/schedule.hpp"

namespace mien::train {

/// Which Training rows are learned from.
struct RowChoice {
  bool drop_leaks = false;  ///< leaves out rows whose pixels occur in a test split, too (data::leaks)
  bool allow_absent_classes = false;
};

/// The Training rows. Throws DataError when there are none, or, unless allowed, none of a class, and for data
/// of one class alone.
std::vector<std::uint32_t> training_rows(const data::Dataset& dataset, const RowChoice& choice = {});

/// Throws ArgumentError where a patience (0: none) or a schedule waits for a gain that nothing measures, since
/// the data have no PublicTest rows.
void check_validation(const data::Dataset& dataset, std::uint64_t patience, optim::ScheduleKind schedule);

}  // namespace mien::train
