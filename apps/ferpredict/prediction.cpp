#include "prediction.hpp"

#include <algorithm>
#include <numeric>

namespace ferpredict {

std::vector<std::size_t> FacePrediction::ranking() const {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
  return order;
}

}  // namespace ferpredict
