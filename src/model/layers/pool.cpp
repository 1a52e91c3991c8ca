#include "mien/model/layers/pool.hpp"

namespace mien::model {
namespace {

template <typename Pool>
void place_pool(const Pool& s, Placement& at) {
  at.require_image();
  at.slide(at.input()[0], s.kernel, s.stride, s.padding);
}

}  // namespace

void MaxPoolSpec::place(Placement& at) const {
  place_pool(*this, at);
}
void AvgPoolSpec::place(Placement& at) const {
  place_pool(*this, at);
}
void GlobalPoolSpec::place(Placement& at) const {
  at.require_image();
  at.output = {at.input()[0]};
}

}  // namespace mien::model
