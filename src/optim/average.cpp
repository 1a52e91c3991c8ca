#include "mien/optim/average.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mien/autograd/share.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"

namespace mien::optim {

WeightAverage::WeightAverage(const std::vector<autograd::Parameter*>& parameters, float decay)
    : parameters_(parameters), decay_(decay) {
  if (!(decay > 0.0f && decay < 1.0f)) throw ArgumentError("[average] decay must be in (0, 1)");
  for (const autograd::Parameter* parameter : parameters) values_.push_back(parameter->value.clone());
}

void WeightAverage::update(std::uint64_t steps) {
  if (steps % kEvery != 0 && steps > kEvery) return;
  const double updates = static_cast<double>(steps / kEvery);
  const auto keep = static_cast<float>(
      std::min(std::pow(double{decay_}, static_cast<double>(kEvery)), (1 + updates) / (10 + updates)));
  constexpr Index kChunk = 1 << 15;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const autograd::Range own = autograd::own_values(*parameters_[i]);
    float* average = values_[i].mutable_data() + own.begin;
    const float* value = parameters_[i]->value.data() + own.begin;
    parallel_for_ranges(own.size(), kChunk, [=](Index begin, Index end) {
      for (Index k = begin; k < end; ++k) average[k] += (1 - keep) * (value[k] - average[k]);
    });
  }
}

void WeightAverage::swap() {
  for (std::size_t i = 0; i < values_.size(); ++i) std::swap(parameters_[i]->value, values_[i]);
}

}  // namespace mien::optim
