// Random images, and the trainer that fertrain would run on them.
#pragma once

#include "bench.hpp"
#include "mien/data/dataset.hpp"
#include "mien/train/trainer.hpp"

namespace mien::bench {

/// Steps that allocate buffers and touch every page for the first time.
constexpr int kWarmUpSteps = 2;

data::Dataset random_images(const model::ModelSpec& spec, Index count);
/// The trainer keeps a reference to the data.
train::Trainer make_trainer(const Options& options, const data::Dataset& dataset);

}  // namespace mien::bench
