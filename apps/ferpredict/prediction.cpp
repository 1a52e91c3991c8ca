#include "prediction.hpp"

#include <algorithm>
#include <numeric>

namespace ferpredict {

const char* to_string(Fallback fallback) {
  switch (fallback) {
    case Fallback::none:
      return "";
    case Fallback::no_face_found:
      return "no_face_found";
    case Fallback::no_cascade:
      return "no_cascade";
  }
  return "";
}

std::vector<std::size_t> FacePrediction::ranking() const {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Equals stay in the model's order.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return probabilities[a] > probabilities[b] || (probabilities[a] == probabilities[b] && a < b);
  });
  return order;
}

}  // namespace ferpredict
