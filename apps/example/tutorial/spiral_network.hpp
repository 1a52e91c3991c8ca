// A network: layers, and the order in which values pass through them. What step 4 is about.
#pragma once

#include <vector>

#include "linear.hpp"
#include "tanh.hpp"

namespace tutorial {

/// From points [N][2] to logits [N][2], one for each spiral.
class SpiralNetwork {
 public:
  explicit SpiralNetwork(std::uint64_t seed)
      : first_("first", 2, 32, 3 * seed),
        second_("second", 32, 32, 3 * seed + 1),
        last_("last", 32, 2, 3 * seed + 2) {}

  Variable forward(const Variable& points) {
    const Variable hidden = tanh(second_.forward(tanh(first_.forward(points))));
    return last_.forward(hidden);
  }

  std::vector<Parameter*> parameters() {
    std::vector<Parameter*> all;
    for (Linear* layer : {&first_, &second_, &last_}) {
      for (Parameter* parameter : layer->parameters()) all.push_back(parameter);
    }
    return all;
  }

 private:
  Linear first_, second_, last_;
};

}  // namespace tutorial
