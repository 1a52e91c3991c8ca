// What ferpredict does with rows of a CSV.
#pragma once

#include "arguments.hpp"
#include "mien/data/dataset.hpp"
#include "models.hpp"

namespace ferpredict {

/// The same figures as training reports for the same weights.
void measure(const Arguments& a, const std::vector<Model>& models);

/// What --usage names. Throws mien::ArgumentError for another name.
mien::data::Split split_of(const std::string& name);

/// --calibrate: writes the model with the temperature the rows ask for, and prints what that changes.
void calibrate(const Arguments& a, const Model& model);

}  // namespace ferpredict
