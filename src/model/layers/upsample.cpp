#include "mien/model/layers/upsample.hpp"

namespace mien::model {

void UpsampleSpec::place(Placement& at) const {
  at.require_image();
  at.output = {at.input()[0], 2 * at.input()[1], 2 * at.input()[2]};
}

}  // namespace mien::model
