#include "mien/model/work.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "mien/model/describe.hpp"
#include "mien/model/graph.hpp"

namespace mien::model {
namespace {

constexpr double kOfAValue = 16;  // a power or an exponential
constexpr double kPictureSize = 1920.0 * 1080.0;

// Of one value that a layer gives, beside its multiply-adds.
struct OfAValue {
  const Shape& input;

  double operator()(const MaxPoolSpec& pool) const { return window(pool.kernel); }
  double operator()(const AvgPoolSpec& pool) const { return window(pool.kernel); }
  double operator()(const GlobalPoolSpec&) const { return static_cast<double>(input[1] * input[2]); }
  double operator()(const LrnSpec& lrn) const {
    return kOfAValue + static_cast<double>(std::min(2 * lrn.radius + 1, input[0]));
  }
  template <class Other>
  double operator()(const Other&) const {
    return kOfAValue;
  }

 private:
  static double window(Index edge) { return static_cast<double>(edge * edge); }
};

}  // namespace

double operations(const ModelFile& model) {
  double sum = 0;
  for (const Node& node : plan(model.spec).nodes) {
    const double of_a_value = std::visit(OfAValue{node.input()}, node.spec);
    sum += static_cast<double>(multiply_adds(node)) + static_cast<double>(node.output.size()) * of_a_value;
  }
  // One whose stride is its edge looks at a face at a time, others slide over the picture.
  if (!model.face_grid || model.face_grid->stride >= model.spec.height) return sum;
  return sum * kPictureSize / static_cast<double>(model.spec.height * model.spec.width);
}

}  // namespace mien::model
