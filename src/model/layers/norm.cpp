#include "mien/model/layers/norm.hpp"

namespace mien::model {

void LrnSpec::place(Placement& at) const {
  at.require_image();
}

void BatchNormSpec::place(Placement& at) const {
  const Shape channels{at.input()[0]};
  at.add_constant("weight", channels, 1);
  at.add_constant("bias", channels, 0);
  at.add_constant("running_mean", channels, 0, false);
  at.add_constant("running_var", channels, 1, false);
}

}  // namespace mien::model
