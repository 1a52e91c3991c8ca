#include "mien/model/face_grid.hpp"

#include <algorithm>
#include <array>

#include "core/to_index.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/model/graph.hpp"

namespace mien::model {
namespace {

constexpr Index kMostStride = 64;
constexpr float kMostFace = 1024;
constexpr double kFarthest = 1e9;  // beyond any number that makes sense, within float

bool is_edge(float value) {
  return value >= 1 && value <= kMostFace;
}

}  // namespace

std::string problem_of(const FaceGrid& grid) {
  if (grid.stride < 1 || grid.stride > kMostStride) {
    return "a stride of " + std::to_string(grid.stride) + ", expected 1 to " + std::to_string(kMostStride);
  }
  if (!is_edge(grid.face) || !is_edge(grid.least) || !is_edge(grid.most)) {
    return "a face's edge outside 1 .. " + format_number(double{kMostFace});
  }
  if (grid.least > grid.most) return "no size of faces";
  if (2 * grid.face < grid.least || grid.face > 2 * grid.most) return "a usual face that is none of its sizes";
  if (!(grid.min_score >= 0 && grid.min_score <= 1)) return "a least score outside 0 .. 1";
  return {};
}

std::string problem_of(const FaceGrid& grid, const ModelSpec& spec) {
  const Graph graph = plan(spec);
  if (spec.channels != 1) return "expected one channel, the input has " + std::to_string(spec.channels);
  if (spec.height % grid.stride != 0 || spec.width % grid.stride != 0) {
    return "the input's edges are not multiples of the stride, " + std::to_string(grid.stride);
  }
  constexpr std::array<Index, 3> kChannels{1, 4, 2 * FaceGrid::kPoints};
  if (graph.outputs.size() != kChannels.size()) {
    return "expected the outputs score, box and points, the network has " +
           std::to_string(graph.outputs.size());
  }
  for (std::size_t i = 0; i < kChannels.size(); ++i) {
    const Shape expected{kChannels[i], spec.height / grid.stride, spec.width / grid.stride};
    const Shape& shape = graph.shape_of(graph.outputs[i]);
    if (shape == expected) continue;
    return "output " + std::to_string(i + 1) + " is " + shape.to_string() + ", expected " +
           expected.to_string();
  }
  return {};
}

Json to_json(const FaceGrid& grid) {
  Json json;
  json.set("stride", grid.stride);
  for (const auto& [key, value] : {std::pair("face", grid.face), std::pair("least", grid.least),
                                   std::pair("most", grid.most), std::pair("min_score", grid.min_score)}) {
    json.set(key, shortest_decimal(value));
  }
  return json;
}

FaceGrid face_grid_from_json(const Json& json, const std::string& where) {
  const auto number = [&](const char* key) {
    return static_cast<float>(std::clamp(json.at(key, where).as_number(where), -kFarthest, kFarthest));
  };
  const FaceGrid grid{.stride = mien::detail::to_index(json.at("stride", where).as_integer(where)),
                      .face = number("face"),
                      .least = number("least"),
                      .most = number("most"),
                      .min_score = number("min_score")};
  if (const std::string problem = problem_of(grid); !problem.empty()) throw DataError(where + ": " + problem);
  return grid;
}

}  // namespace mien::model
