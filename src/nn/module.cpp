#include "mien/nn/module.hpp"

namespace mien::nn {

autograd::Variable Sequential::forward(autograd::Tape& tape, const autograd::Variable& x, const Mode& mode) {
  autograd::Variable y = x;
  for (const auto& module : modules_) y = module->forward(tape, y, mode);
  return y;
}

std::vector<autograd::Parameter*> Sequential::parameters() {
  std::vector<autograd::Parameter*> all;
  for (const auto& module : modules_) {
    for (autograd::Parameter* parameter : module->parameters()) all.push_back(parameter);
  }
  return all;
}

}  // namespace mien::nn
