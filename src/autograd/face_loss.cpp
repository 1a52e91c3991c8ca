#include "mien/autograd/face_loss.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "autograd/check.hpp"
#include "mien/core/parallel.hpp"

namespace mien::autograd {
namespace {

constexpr const char* kFaceLoss = "face_loss";
constexpr Index kSides = 4, kCoordinates = 2 * Index{model::FaceGrid::kPoints};
constexpr std::size_t kLeftMouth = 6, kRightMouth = 8;  // of the coordinates, x of each
constexpr double kQuadratic = 0.02;
// exp() of more is no box; the gradient ends there. Of less two sides together would be 0, the loss infinite.
constexpr float kLargestSide = 6, kSmallestSide = -100;

void check_shape(const char* name, const Shape& shape, const Shape& expected) {
  if (shape == expected) return;
  fail(kFaceLoss, std::string(name) + " is " + shape.to_string() + ", expected " + expected.to_string());
}

// Gradients of one cell, and what it costs.
struct Focal {
  double cost, slope;
};

Focal focal(double logit, bool face, const FaceLossOptions& o) {
  const double z = face ? logit : -logit;
  const double alpha = face ? double{o.face_weight} : 1 - double{o.face_weight}, gamma = double{o.focus};
  // p = sigmoid(z), q = 1 - p, and log p, none of them by way of the other.
  const double e = std::exp(-std::fabs(z));
  const double p = z >= 0 ? 1 / (1 + e) : e / (1 + e), q = z >= 0 ? e / (1 + e) : 1 / (1 + e);
  const double log_p = std::min(z, 0.0) - std::log1p(e);
  const double weight = alpha * std::pow(q, gamma);
  // d/dz of -alpha q^gamma log p
  const double slope = weight * (gamma * p * log_p - q);
  return {-weight * log_p, face ? slope : -slope};
}

struct BoxCost {
  double cost;
  std::array<double, 4> slope;
};

// Boxes around one cell always meet.
BoxCost box_cost(const std::array<float, 4>& value, const std::array<float, 4>& target, double half) {
  std::array<double, 4> side, goal;
  for (std::size_t i = 0; i < 4; ++i) {
    side[i] = half * std::exp(double{std::clamp(value[i], kSmallestSide, kLargestSide)});
    goal[i] = double{target[i]};
  }
  const double width = std::min(side[0], goal[0]) + std::min(side[2], goal[2]);
  const double height = std::min(side[1], goal[1]) + std::min(side[3], goal[3]);
  const double own_width = side[0] + side[2], own_height = side[1] + side[3];
  const double both = width * height;
  const double either = own_width * own_height + (goal[0] + goal[2]) * (goal[1] + goal[3]) - both;
  BoxCost result{std::log(either) - std::log(both), {}};
  for (std::size_t i = 0; i < 4; ++i) {
    const bool across = i % 2 == 0;
    const double more_both = side[i] < goal[i] ? (across ? height : width) : 0.0;
    const double more_either = (across ? own_height : own_width) - more_both;
    const double slope = more_either / either - more_both / both;
    result.slope[i] = value[i] < kLargestSide ? slope * side[i] : 0.0;
  }
  return result;
}

double smooth(double error) {
  const double size = std::fabs(error);
  return size < kQuadratic ? error * error / (2 * kQuadratic) : size - kQuadratic / 2;
}
double smooth_slope(double error) {
  return std::clamp(error / kQuadratic, -1.0, 1.0);
}

struct PointCost {
  double cost = 0;
  std::array<double, 10> slope = {};
};

PointCost point_cost(const std::array<float, 10>& value, const std::array<float, 10>& target, double face,
                     double edge) {
  PointCost result;
  int marked = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (std::isnan(target[i])) continue;
    const bool middle = (i == kLeftMouth || i == kLeftMouth + 1) && std::isnan(target[kRightMouth]);
    const std::size_t other = middle ? i + kRightMouth - kLeftMouth : i;  // whose mean with this one is meant
    const double error = ((double{value[i]} + double{value[other]}) / 2 * face - double{target[i]}) / edge;
    ++marked;
    result.cost += smooth(error);
    for (const std::size_t at : {i, other}) result.slope[at] += smooth_slope(error) * face / edge / 2;
  }
  if (marked == 0) return result;
  result.cost /= marked;
  for (double& slope : result.slope) slope /= marked;
  return result;
}

template <std::size_t N>
std::array<float, N> gather(const Tensor& tensor, Index image, Index cell, Index cells) {
  std::array<float, N> values;
  const float* from = tensor.data() + image * static_cast<Index>(N) * cells + cell;
  for (std::size_t i = 0; i < N; ++i) values[i] = from[static_cast<Index>(i) * cells];
  return values;
}

template <std::size_t N>
void scatter(Tensor& tensor, const std::array<double, N>& values, double factor, Index image, Index cell,
             Index cells) {
  float* to = tensor.mutable_data() + image * static_cast<Index>(N) * cells + cell;
  for (std::size_t i = 0; i < N; ++i)
    to[static_cast<Index>(i) * cells] = static_cast<float>(factor * values[i]);
}

struct Slopes {
  Tensor score, box, points;
};

}  // namespace

Variable face_loss(const Variable& score, const Variable& box, const Variable& points,
                   const FaceTargets& targets, const model::FaceGrid& grid, const FaceLossOptions& options) {
  if (score.shape().rank() != 4 || score.shape()[1] != 1) {
    fail(kFaceLoss, "score is " + score.shape().to_string() + ", expected [N][1][h][w]");
  }
  const Index n = score.shape()[0], h = score.shape()[2], w = score.shape()[3], cells = h * w;
  check_shape("box", box.shape(), {n, kSides, h, w});
  check_shape("points", points.shape(), {n, kCoordinates, h, w});
  check_shape("the scores' target", targets.score.shape(), score.shape());
  check_shape("the boxes' target", targets.box.shape(), box.shape());
  check_shape("the points' target", targets.points.shape(), points.shape());

  const auto wanted = targets.score.values();
  const auto faces = std::count(wanted.begin(), wanted.end(), 1.0f);
  const double factor = 1 / static_cast<double>(std::max<std::ptrdiff_t>(faces, 1));
  // The slopes are found along with the costs, and wait for the backward pass.
  Slopes slopes{Tensor(score.shape()), Tensor(box.shape()), Tensor(points.shape())};
  std::vector<double> costs(static_cast<std::size_t>(n));
  parallel_for(n, [&](Index image) {
    double& cost = costs[static_cast<std::size_t>(image)];
    for (Index cell = 0; cell < cells; ++cell) {
      const Index at = image * cells + cell;
      const float target = targets.score.data()[at];
      if (target < 0) continue;
      const bool face = target == 1;
      const Focal found = focal(double{score.value().data()[at]}, face, options);
      cost += found.cost;
      slopes.score.mutable_data()[at] = static_cast<float>(factor * found.slope);
      if (!face) continue;
      const auto sides = gather<4>(targets.box, image, cell, cells);
      const BoxCost of_box = box_cost(gather<4>(box.value(), image, cell, cells), sides, double{grid.face} / 2);
      cost += double{options.box_weight} * of_box.cost;
      scatter(slopes.box, of_box.slope, factor * double{options.box_weight}, image, cell, cells);
      const double edge = (double{sides[0]} + double{sides[1]} + double{sides[2]} + double{sides[3]}) / 2;
      const PointCost of_points =
          point_cost(gather<10>(points.value(), image, cell, cells),
                     gather<10>(targets.points, image, cell, cells), double{grid.face}, edge);
      cost += double{options.point_weight} * of_points.cost;
      scatter(slopes.points, of_points.slope, factor * double{options.point_weight}, image, cell, cells);
    }
  });
  double sum = 0;
  for (const double cost : costs) sum += cost;
  auto backward = [slopes](const Tensor& dy, InputGradients& gradients) {
    const Tensor* parts[] = {&slopes.score, &slopes.box, &slopes.points};
    for (std::size_t i = 0; i < 3; ++i) {
      if (!gradients.needed(i)) continue;
      Tensor dx = parts[i]->clone();
      for (Index j = 0; j < dx.size(); ++j) dx.mutable_data()[j] *= dy.data()[0];
      gradients.add(i, Gradient::dense(dx));
    }
  };
  return score.tape().record(Tensor::full({}, static_cast<float>(sum * factor)), {score, box, points},
                             std::move(backward));
}

}  // namespace mien::autograd
