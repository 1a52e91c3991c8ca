// FER+: what ten people each saw in FER2013's faces (Barsoum et al., arXiv:1608.01041).
#pragma once

#include <string>

#include "mien/data/dataset.hpp"

namespace mien::data {

/// Replaces the labels of FER2013's rows, as open_dataset reads them, by the votes of fer2013new.csv: a row for
/// each of theirs, in their order, with the columns Usage, Image name, neutral, happiness, surprise, sadness,
/// anger, disgust, fear, contempt, unknown and NF, which is how many voted for what. Classes are FER2013's and
/// contempt.
///
/// As FER+'s authors do for training by cross-entropy: choices of one person alone do not count. Those with the
/// most votes are taken, equal ones together, until they have three quarters of the votes, or are three, or
/// unknown or NF (not a face) is as many's choice as the next. The row is left out where what was taken is at
/// most half of the votes, or more than three expressions. `targets` are the shares among what was taken,
/// `labels` the expression with the most votes, of equal ones the first in the order of columns above.
/// A note says how many rows are left out. Throws DataError, `path:line:column: what`, for another table, and
/// for one whose rows are of another number or have another Usage than the dataset's.
void apply_votes(Dataset& dataset, const std::string& path);

}  // namespace mien::data
