// The part of fertrain's command line that is made from the library's rows of options.
#pragma once

#include <CLI/CLI.hpp>

#include "mien/train/options.hpp"

namespace fertrain {

/// Every row, with its range and what the recipes say.
void add_train_options(CLI::App& app);

/// What the command line gives goes before what the recipe has put into `options`.
void apply_train_options(const CLI::App& app, mien::train::TrainOptions& options);

/// Throws mien::ArgumentError for options that would have no effect.
void check_used(const CLI::App& app, const mien::train::TrainOptions& options, bool random_weights);

}  // namespace fertrain
