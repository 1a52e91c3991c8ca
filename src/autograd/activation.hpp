// Any activation that works value by value.
#pragma once

#include "mien/autograd/tape.hpp"
#include "ops/activation.hpp"

namespace mien::autograd {

Variable activation(const Variable& x, ops::Activation kind, float slope = 0.0f);

}  // namespace mien::autograd
