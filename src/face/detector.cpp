#include "mien/face/detector.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "core/isa_in_use.hpp"
#include "face/cascade.hpp"
#include "face/group.hpp"
#include "face/integrals.hpp"
#include "face/levels.hpp"
#include "face/limits.hpp"
#include "face/shrink.hpp"
#include "kernels/haar.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/gzip.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"

namespace mien::face {
namespace {

using detail::Cascade;
using detail::IntegralLayout;
using detail::Level;

constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;

// Rows of a level's pixels at which the windows of a chunk begin. Fewer would make more of the work be done
// twice, for chunks share what the window covers; more would no longer fit into the cache.
constexpr Index kChunkRows = 64;

[[noreturn]] void refuse(const std::string& problem) {
  throw ArgumentError("[detect] " + problem);
}

void check(const image::GrayImage& image, const DetectOptions& options) {
  if (!(options.scale_factor >= 1.01 && options.scale_factor <= 10)) {
    refuse("scale_factor is " + format_number(options.scale_factor) + ", expected 1.01 to 10");
  }
  if (options.min_neighbors < 0 || options.min_neighbors > 1000000) {
    refuse("min_neighbors is " + std::to_string(options.min_neighbors) + ", expected 0 to 1000000");
  }
  detail::check_search(image, options.min_face, options.max_face);
}

void upright_corners(std::int32_t* corners, const detail::Rectangle& r, const IntegralLayout& layout) {
  corners[0] = static_cast<std::int32_t>(layout.place(r.x, r.y));
  corners[1] = static_cast<std::int32_t>(layout.place(r.x + r.width, r.y));
  corners[2] = static_cast<std::int32_t>(layout.place(r.x, r.y + r.height));
  corners[3] = static_cast<std::int32_t>(layout.place(r.x + r.width, r.y + r.height));
}

void tilted_corners(std::int32_t* corners, const detail::Rectangle& r, const IntegralLayout& layout) {
  const auto place = [&](Index x, Index y) {
    return static_cast<std::int32_t>(layout.tilts() + layout.place(x, y));
  };
  corners[0] = place(r.x, r.y);
  corners[1] = place(r.x - r.height, r.y + r.height);
  corners[2] = place(r.x + r.width, r.y + r.width);
  corners[3] = place(r.x + r.width - r.height, r.y + r.width + r.height);
}

kernels::HaarNode located(const detail::Node& node, const detail::Feature& feature,
                          const IntegralLayout& layout) {
  kernels::HaarNode result = {};
  result.threshold = node.threshold;
  for (std::size_t i = 0; i < feature.rectangles.size(); ++i) {
    const auto corners = feature.tilted ? tilted_corners : upright_corners;
    if (feature.rectangles[i].weight != 0) corners(result.corners[i], feature.rectangles[i], layout);
    result.weights[i] = feature.rectangles[i].weight;
  }
  return result;
}

// Levels of about the same width, whose integrals lie in memory alike.
struct Octave {
  IntegralLayout layout;
  std::vector<kernels::HaarNode> nodes;
  kernels::HaarCascade cascade;
};

void locate(Octave& octave, const Cascade& cascade) {
  octave.nodes.reserve(cascade.nodes.size());
  for (const detail::Node& node : cascade.nodes) {
    const detail::Feature& feature = cascade.features[static_cast<std::size_t>(node.feature)];
    octave.nodes.push_back(located(node, feature, octave.layout));
  }
  octave.cascade = {.nodes = octave.nodes.data(),
                    .links = cascade.links.data(),
                    .leaves = cascade.leaves.data(),
                    .tree_sizes = cascade.tree_sizes.data(),
                    .stages = cascade.stages.data(),
                    .stage_count = static_cast<Index>(cascade.stages.size())};
}

// Window rows of one level, done by one thread.
struct Chunk {
  const Level* level;
  const Octave* octave;
  const detail::RowShrinker* shrinker;
  Index first_row, rows;
};

class Search {
 public:
  Search(const Cascade& cascade, const image::GrayImage& image, const DetectOptions& options)
      : cascade_(cascade),
        levels_(detail::plan_levels({image.width, image.height}, {cascade.width, cascade.height}, options)) {
    for (const Level& level : levels_) shrinkers_.emplace_back(image, level.size);
    plan_octaves();
    parallel_for(static_cast<Index>(octaves_.size()),
                 [&](Index i) { locate(octaves_[static_cast<std::size_t>(i)], cascade_); });
    plan_chunks();
  }

  std::vector<Face> run() const {
    std::vector<std::vector<Face>> found(chunks_.size());
    parallel_for(static_cast<Index>(chunks_.size()), [&](Index i) {
      const auto at = static_cast<std::size_t>(i);
      found[at] = search(chunks_[at]);
    });
    std::vector<Face> all;
    for (const std::vector<Face>& part : found) all.insert(all.end(), part.begin(), part.end());
    return all;
  }

 private:
  void plan_octaves() {
    Index width = 0;
    for (const Level& level : levels_) {
      if (octaves_.empty() || octaves_.back().layout.step != level.step || 2 * level.size.width < width) {
        width = level.size.width;
        const Index height = kChunkRows + cascade_.height;
        octaves_.push_back({IntegralLayout(width, height, level.step, cascade_.tilted), {}, {}});
      }
      octave_of_.push_back(octaves_.size() - 1);
    }
  }

  void plan_chunks() {
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const Index most = kChunkRows / levels_[i].step;
      for (Index row = 0; row < levels_[i].rows; row += most) {
        chunks_.push_back({&levels_[i], &octaves_[octave_of_[i]], &shrinkers_[i], row,
                           std::min(most, levels_[i].rows - row)});
      }
    }
  }

  detail::Integrals integrals_of(const Chunk& chunk) const {
    detail::Integrals integrals(chunk.octave->layout);
    detail::RowShrinker::Cache cache(*chunk.shrinker);
    integrals.clear();
    const Index first = chunk.first_row * chunk.level->step;
    const Index end = first + (chunk.rows - 1) * chunk.level->step + cascade_.height;
    for (Index y = first; y < end; ++y) {
      integrals.add_row(chunk.shrinker->row(y, cache), chunk.level->size.width);
    }
    return integrals;
  }

  // The contrast of a window is that of all but its outermost pixels.
  kernels::HaarWindows windows_of(const Chunk& chunk) const {
    const IntegralLayout& layout = chunk.octave->layout;
    kernels::HaarWindows windows = {};
    windows.squares = layout.squares();
    windows.count = chunk.level->columns;
    const detail::Rectangle inner = {1, 1, cascade_.width - 2, cascade_.height - 2, 0};
    upright_corners(windows.inner, inner, layout);
    windows.area = static_cast<float>(inner.width * inner.height);
    return windows;
  }

  std::vector<Face> search(const Chunk& chunk) const {
    const detail::Integrals integrals = integrals_of(chunk);
    kernels::HaarWindows windows = windows_of(chunk);
    std::vector<std::int32_t> passed(static_cast<std::size_t>(windows.count));
    const kernels::HaarKernels& kernels = *kernels::haar_kernels(mien::detail::isa_in_use());
    std::vector<Face> faces;
    for (Index row = 0; row < chunk.rows; ++row) {
      windows.integrals = integrals.values() + row * chunk.level->step * chunk.octave->layout.stride;
      const Index count = kernels.row(passed.data(), chunk.octave->cascade, windows);
      for (Index i = 0; i < count; ++i) {
        faces.push_back(face_at(*chunk.level, passed[static_cast<std::size_t>(i)], chunk.first_row + row));
      }
    }
    return faces;
  }

  static Face face_at(const Level& level, Index column, Index row) {
    const auto to_image = [&](Index place) {
      return static_cast<Index>(
          std::lrint(static_cast<double>(static_cast<float>(place * level.step) * level.scale)));
    };
    return {to_image(column), to_image(row), level.face.width, level.face.height, 1};
  }

  const Cascade& cascade_;
  std::vector<Level> levels_;
  std::vector<detail::RowShrinker> shrinkers_;
  std::vector<Octave> octaves_;
  std::vector<std::size_t> octave_of_;  // for each level
  std::vector<Chunk> chunks_;
};

void clip(std::vector<Face>& faces, const image::GrayImage& image) {
  for (Face& face : faces) {
    const Index right = std::min(face.x + face.width, image.width);
    const Index bottom = std::min(face.y + face.height, image.height);
    face.x = std::max<Index>(face.x, 0);
    face.y = std::max<Index>(face.y, 0);
    face.width = right - face.x;
    face.height = bottom - face.y;
  }
  std::erase_if(faces, [](const Face& face) { return face.width <= 0 || face.height <= 0; });
}

void sort_largest_first(std::vector<Face>& faces) {
  const auto key = [](const Face& f) { return std::tuple(-f.width * f.height, f.y, f.x, f.width, -f.score); };
  std::sort(faces.begin(), faces.end(), [&](const Face& a, const Face& b) { return key(a) < key(b); });
}

}  // namespace

CascadeDetector::CascadeDetector(std::shared_ptr<const Cascade> cascade) : cascade_(std::move(cascade)) {}

CascadeDetector CascadeDetector::load(const std::filesystem::path& path) {
  const std::string name = path.string();
  const std::string file = read_file(path, kMaxFileBytes);
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(file.data()), file.size());
  if (!is_gzip(bytes)) return parse(file, name);
  const std::vector<std::uint8_t> xml = gunzip(bytes, name, kMaxFileBytes);
  return parse({reinterpret_cast<const char*>(xml.data()), xml.size()}, name);
}

CascadeDetector CascadeDetector::parse(std::string_view xml, std::string_view source) {
  return CascadeDetector(std::make_shared<const Cascade>(detail::parse_cascade(xml, source)));
}

Index CascadeDetector::window_width() const {
  return cascade_->width;
}

Index CascadeDetector::window_height() const {
  return cascade_->height;
}

std::vector<Face> CascadeDetector::detect(const image::GrayImage& image, const DetectOptions& options) const {
  check(image, options);
  std::vector<Face> faces =
      detail::group_rectangles(Search(*cascade_, image, options).run(), options.min_neighbors);
  clip(faces, image);
  sort_largest_first(faces);
  return faces;
}

}  // namespace mien::face
