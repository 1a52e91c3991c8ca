#include "mien/model/layers/layer.hpp"

#include "mien/core/error.hpp"

namespace mien::model {

void Placement::fail(const std::string& what) const {
  throw ArgumentError("[" + name + "] " + what);
}

void Placement::require_image() const {
  if (input().rank() != 3) fail("needs an image, its input is " + input().to_string());
}

void Placement::add_weight(std::string_view role, const Shape& shape, Fan fan) {
  parameters.push_back({.name = name + "." + std::string(role),
                        .shape = shape,
                        .role = ParameterSpec::Role::weight,
                        .fan = fan});
}

void Placement::add_bias(std::string_view role, const Shape& shape) {
  parameters.push_back(
      {.name = name + "." + std::string(role), .shape = shape, .role = ParameterSpec::Role::bias});
}

void Placement::add_constant(std::string_view role, const Shape& shape, float start, bool trainable) {
  parameters.push_back({.name = name + "." + std::string(role),
                        .shape = shape,
                        .role = ParameterSpec::Role::constant,
                        .start = start,
                        .trainable = trainable});
}

}  // namespace mien::model
