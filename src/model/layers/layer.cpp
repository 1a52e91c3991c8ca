#include "mien/model/layers/layer.hpp"

#include "mien/core/error.hpp"

namespace mien::model {

void Placement::fail(const std::string& what) const {
  throw ArgumentError("[" + name + "] " + what);
}

void Placement::require_image() const {
  if (input.rank() != 3) fail("needs an image, its input is " + input.to_string());
}

void Placement::add(std::string_view role, const Shape& shape, bool trainable) {
  parameters.push_back({name + "." + std::string(role), shape, trainable});
}

void Placement::slide(Index channels, Index kernel, Index stride, Padding padding) {
  output = {channels, window_axis(input[1], kernel, stride, padding, name).output,
            window_axis(input[2], kernel, stride, padding, name).output};
}

}  // namespace mien::model
