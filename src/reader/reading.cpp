#include "mien/reader/reading.hpp"

#include <numeric>

#include "core/stable_sort.hpp"

namespace mien::reader {

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
  mien::detail::stable_sort(order,
                            [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
  return order;
}

}  // namespace mien::reader
