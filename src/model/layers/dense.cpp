#include "mien/model/layers/dense.hpp"

namespace mien::model {

void FlattenSpec::place(Placement& at) const {
  at.output = {at.input().size()};
}

void DenseSpec::place(Placement& at) const {
  at.output = {out};
  const Index in = at.input().size();
  at.add_weight("weight", {in, out}, {.in = in, .out = out});
  if (bias) at.add_bias("bias", {out});
}

Cost DenseSpec::cost(const Shape& in, const Shape&) const {
  const double weights = static_cast<double>(in.size() * out);
  return {.moves = true, .multiplications = weights, .weights = weights};
}

}  // namespace mien::model
