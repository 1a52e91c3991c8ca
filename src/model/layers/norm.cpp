#include "mien/model/layers/norm.hpp"

namespace mien::model {

void LrnSpec::place(Placement& at) const {
  at.require_image();
}

void BatchNormSpec::place(Placement& at) const {
  const Shape channels{at.input[0]};
  at.add("weight", channels);
  at.add("bias", channels);
  at.add("running_mean", channels, false);
  at.add("running_var", channels, false);
}

}  // namespace mien::model
