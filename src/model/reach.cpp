#include "mien/model/reach.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "mien/core/error.hpp"
#include "model/geometry.hpp"

namespace mien::model {
namespace {

// A picture's edge is less, and what hostile files say must not go beyond the range of numbers.
constexpr double kMost = 1 << 16;

// Of one value, in pixels of the input; half ones where something is larger than the input.
struct Place {
  double step = 1;
  double before = 0, after = 0;
};

Place behind_window(const Place& from, Index kernel, Index stride, Index pad_before) {
  return {.step = from.step * static_cast<double>(stride),
          .before = from.before + from.step * static_cast<double>(pad_before),
          .after = from.after + from.step * static_cast<double>(kernel - 1 - pad_before)};
}

Place farther(const Place& a, const Place& b) {
  return {.step = std::max(a.step, b.step),
          .before = std::max(a.before, b.before),
          .after = std::max(a.after, b.after)};
}

// One operator for each kind that does not look at the same place of its inputs alone.
struct Looking {
  const Node& node;
  Place from;

  template <typename Window>
  Place windows(const Window& s, WindowSize kernel) const {
    const Shape& in = node.input();
    const WindowAxis rows = window_axis(in[1], kernel.height, s.stride, s.padding.rows(), node.name);
    const WindowAxis columns = window_axis(in[2], kernel.width, s.stride, s.padding.columns(), node.name);
    return farther(behind_window(from, kernel.height, s.stride, rows.pad_before),
                   behind_window(from, kernel.width, s.stride, columns.pad_before));
  }
  Place operator()(const ConvSpec& s) const { return windows(s, s.kernel); }
  Place operator()(const DwConvSpec& s) const { return windows(s, s.kernel); }
  Place operator()(const MaxPoolSpec& s) const { return windows(s, s.kernel); }
  Place operator()(const AvgPoolSpec& s) const { return windows(s, s.kernel); }
  // The second of two rows reads what begins half a step before it.
  Place operator()(const UpsampleSpec&) const {
    return {.step = from.step / 2, .before = from.before + from.step / 2, .after = from.after};
  }
  Place operator()(const GlobalPoolSpec&) const { return everywhere(); }
  Place operator()(const FlattenSpec&) const { return everywhere(); }
  Place operator()(const DenseSpec&) const { return everywhere(); }
  template <class Kind>
  Place operator()(const Kind&) const {
    return from;
  }

  [[noreturn]] Place everywhere() const { node.fail("looks at the whole picture, and not around a place"); }
};

}  // namespace

Reach reach_of(const Graph& graph) {
  std::vector<Place> places(graph.nodes.size() + 1);
  const auto place_of = [&](int node) -> Place& { return places[entry_of(node, graph.nodes.size())]; };
  Reach reach;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    Place from{.step = 0, .before = 0, .after = 0};
    for (const int input : node.inputs) from = farther(from, place_of(input));
    places[i] = std::visit(Looking{node, from}, node.spec);
    const double most = std::max({places[i].step, places[i].before, places[i].after});
    if (most <= kMost) reach.period = std::lcm(reach.period, static_cast<Index>(std::ceil(places[i].step)));
    if (most > kMost || static_cast<double>(reach.period) > kMost) node.fail("looks farther than 65536 pixels");
  }
  for (const int output : graph.outputs) {
    reach.before = std::max(reach.before, static_cast<Index>(std::ceil(place_of(output).before)));
    reach.after = std::max(reach.after, static_cast<Index>(std::ceil(place_of(output).after)));
  }
  return reach;
}

}  // namespace mien::model
