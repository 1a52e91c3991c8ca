#include "mien/optim/optimizer.hpp"

#include <algorithm>

#include "mien/autograd/share.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "ops/kernels_in_use.hpp"
#include "ops/ops.hpp"

namespace mien::optim {
namespace {

// Elements of a parameter a chunk owns. With its state and a panel of gradient it stays inside a
// second-level cache.
constexpr Index kChunk = 1 << 15;

// What a rank learns of a parameter.
Shape own_shape(const autograd::Parameter& parameter) {
  const Shape& shape = parameter.value.shape();
  return parameter.rows == nullptr ? shape : Shape{parameter.rows->own(shape[0]).size(), shape[1]};
}

// Rows of the gradient in chunks, none of which has rows of two parts: how many a chunk has may decide how they
// are computed.
std::vector<autograd::Range> row_chunks(const autograd::Parameter& parameter) {
  using autograd::Range;
  const Index rows = parameter.value.dim(0);
  const Index first = parameter.rows == nullptr ? 0 : parameter.rows->own(rows).begin;
  std::vector<Range> chunks;
  for (const Range& part :
       parameter.rows == nullptr ? std::vector{Range{0, rows}} : parameter.rows->own_parts(rows)) {
    for (Index begin = part.begin; begin < part.end; begin += ops::ProductPanels::kRows) {
      chunks.push_back({begin - first, std::min(begin + ops::ProductPanels::kRows, part.end) - first});
    }
  }
  return chunks;
}

}  // namespace

Optimizer::Optimizer(const std::vector<autograd::Parameter*>& parameters, std::vector<std::string> state_names,
                     Precision matrices)
    : state_names_(std::move(state_names)) {
  for (autograd::Parameter* parameter : parameters) {
    if (!parameter->trainable) continue;
    const auto same_name = [&](const Slot& slot) { return slot.parameter->name == parameter->name; };
    if (std::any_of(slots_.begin(), slots_.end(), same_name)) {
      throw ArgumentError("[optimizer] two parameters are named " + parameter->name);
    }
    const Shape& shape = parameter->value.shape();
    Slot slot{.parameter = parameter,
              .state = {},
              .decays = shape.rank() >= 2,
              .first = autograd::own_values(*parameter).begin};
    const Precision precision = shape.rank() == 2 ? matrices : Precision::f32;
    for (std::size_t i = 0; i < state_names_.size(); ++i) slot.state.emplace_back(shape, precision);
    slots_.push_back(std::move(slot));
  }
}

std::vector<std::pair<std::string, const Moment*>> Optimizer::moments() const {
  std::vector<std::pair<std::string, const Moment*>> all;
  for (const Slot& slot : slots_) {
    for (std::size_t i = 0; i < state_names_.size(); ++i) all.emplace_back(state_name(slot, i), &slot.state[i]);
  }
  return all;
}

std::vector<Moment*> Optimizer::moments_of(const autograd::Parameter& parameter) {
  std::vector<Moment*> all;
  for (Slot& slot : slots_) {
    if (slot.parameter != &parameter) continue;
    for (Moment& moment : slot.state) all.push_back(&moment);
  }
  return all;
}

std::vector<std::pair<std::string, Tensor>> Optimizer::state() const {
  std::vector<std::pair<std::string, Tensor>> all;
  for (const auto& [name, moment] : moments()) all.emplace_back(name, moment->tensor());
  return all;
}

std::string Optimizer::state_name(const Slot& slot, std::size_t i) const {
  return kind() + "." + state_names_[i] + "." + slot.parameter->name;
}

void Optimizer::set_state(const std::string& name, const Tensor& values) {
  for (Slot& slot : slots_) {
    for (std::size_t i = 0; i < state_names_.size(); ++i) {
      if (state_name(slot, i) != name) continue;
      slot.state[i].assign(values);
      return;
    }
  }
  throw ArgumentError("[" + kind() + "] has no " + name);
}

void Optimizer::clear_gradients() {
  for (Slot& slot : slots_) slot.parameter->gradient = {};
}

void Optimizer::step(float learning_rate) {
  for (const Slot& slot : slots_) {
    const autograd::Gradient& gradient = slot.parameter->gradient;
    if (!gradient.empty() && gradient.shape() != own_shape(*slot.parameter)) {
      throw ArgumentError("[" + kind() + "] gradient of " + slot.parameter->name + " is " +
                          gradient.shape().to_string() + ", the parameter is " +
                          own_shape(*slot.parameter).to_string());
    }
  }
  ++steps_;
  begin_step(steps_, learning_rate);
  for (Slot& slot : slots_) {
    if (slot.parameter->gradient.empty()) continue;
    update(slot);
    slot.parameter->gradient = {};
  }
}

void Optimizer::update(Slot& slot) {
  const autograd::Gradient& gradient = slot.parameter->gradient;
  if (!gradient.is_product()) {
    const float* values = gradient.dense_values().data();
    parallel_for_ranges(gradient.shape().size(), kChunk, [&](Index begin, Index end) {
      update_chunk(slot, slot.first + begin, end - begin, values + begin);
    });
    return;
  }
  const ops::VerboseCall call("product_update",
                              {gradient.x().dim(0), gradient.shape()[0], gradient.shape()[1]});
  const ops::ProductPanels panels(gradient.x(), gradient.d(), gradient.precision());
  const std::vector<autograd::Range> chunks = row_chunks(*slot.parameter);
  parallel_for(static_cast<Index>(chunks.size()), [&](Index i) {
    const autograd::Range& rows = chunks[static_cast<std::size_t>(i)];
    update_rows(slot, panels, rows.begin, rows.end);
  });
}

void Optimizer::update_rows(Slot& slot, const ops::ProductPanels& gradient, Index begin, Index end) {
  const Index columns = slot.parameter->value.dim(1);
  gradient.for_each_stretch(begin, end, [&](Index row, Index column, const float* values, Index count) {
    update_chunk(slot, slot.first + row * columns + column, count, values);
  });
}

}  // namespace mien::optim
