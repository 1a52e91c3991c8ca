#include "mien/model/layers/pool.hpp"

#include "ops/geometry.hpp"

namespace mien::model {
namespace {

template <typename Pool>
void place_pool(const Pool& s, Placement& at) {
  at.require_image();
  const Shape& in = at.input();
  const auto g = ops::pool2d_geometry({in[0], in[1], in[2]}, {s.kernel, s.stride, s.padding}, at.name);
  at.output = {g.planes, g.out_height, g.out_width};
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
