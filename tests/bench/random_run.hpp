// A training run on random images, which steps and predictions are measured with.
#pragma once

#include "bench.hpp"
#include "mien/train/trainer.hpp"

namespace mien::bench {

data::Dataset random_images(const model::ModelSpec& spec, Index count);
/// With the paper's recipe; `dataset` has to outlive it.
train::Trainer make_trainer(const Options& options, const data::Dataset& dataset);

}  // namespace mien::bench
