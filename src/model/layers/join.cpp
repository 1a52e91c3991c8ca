#include "mien/model/layers/join.hpp"

#include <algorithm>

namespace mien::model {

void AddSpec::place(Placement& at) const {
  const Shape& other = at.input_shapes[1];
  if (other != at.input()) {
    at.fail("adds values of one shape, these are " + at.input().to_string() + " and `" + value + "` " +
            other.to_string());
  }
}

void ConcatSpec::place(Placement& at) const {
  std::vector<Index> extents(at.input().extents().begin(), at.input().extents().end());
  for (std::size_t i = 1; i < at.input_shapes.size(); ++i) {
    const auto other = at.input_shapes[i].extents();
    if (!std::equal(extents.begin() + 1, extents.end(), other.begin() + 1, other.end())) {
      at.fail("joins values that differ in their channels alone, these are " + at.input().to_string() +
              " and `" + values[i - 1] + "` " + at.input_shapes[i].to_string());
    }
    extents[0] += other[0];
  }
  at.output = Shape(extents);
}

void GateSpec::place(Placement& at) const {
  const Shape& a = at.input_shapes[0];
  const Shape& b = at.input_shapes[1];
  const Shape& image = a.rank() == 3 ? a : b;
  const Shape& factors = a.rank() == 3 ? b : a;
  if (image.rank() != 3 || factors != Shape{image[0]}) {
    at.fail("needs an image and one value for each of its channels, these are " + a.to_string() + " and `" +
            value + "` " + b.to_string());
  }
  at.output = image;
}

}  // namespace mien::model
