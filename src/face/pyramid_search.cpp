#include "face/pyramid_search.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "mien/core/parallel.hpp"
#include "mien/image/resize.hpp"

namespace mien::face::detail {
namespace {

std::vector<image::GrayImage> pictures_of(const image::GrayImage& image,
                                          const std::vector<PyramidLevel>& levels) {
  std::vector<image::GrayImage> pictures;
  pictures.reserve(levels.size());
  pictures.push_back(image::resize(image, levels[0].width, levels[0].height));
  while (pictures.size() < levels.size()) pictures.push_back(image::halved(pictures.back()));
  return pictures;
}

}  // namespace

PyramidSearch::PyramidSearch(const model::FaceGrid& grid, const model::Reach& reach,
                             const std::array<float, 256>& values, infer::Session session)
    : grid_(grid), reach_(reach), values_(values) {
  searches_.emplace_back(grid_, values_, std::move(session));
}

std::vector<Candidate> PyramidSearch::candidates(const image::GrayImage& image, const PyramidOptions& options) {
  const std::vector<PyramidLevel> levels =
      plan_pyramid(image.width, image.height, grid_, options.min_face, options.max_face);
  const std::vector<image::GrayImage> pictures = pictures_of(image, levels);
  const std::vector<LevelPart> parts = plan_parts(levels, grid_, reach_, options.parts);
  const std::size_t at_once =
      mien::detail::in_parallel_work() ? 1 : std::min(parts.size(), static_cast<std::size_t>(thread_count()));
  while (searches_.size() < at_once) searches_.emplace_back(grid_, values_, searches_[0].session());
  std::vector<Candidates> found(parts.size());
  std::atomic<std::size_t> next{0};
  parallel_for(static_cast<Index>(at_once), [&](Index worker) {
    NetworkSearch& search = searches_[static_cast<std::size_t>(worker)];
    for (std::size_t i = next.fetch_add(1); i < parts.size(); i = next.fetch_add(1)) {
      const std::size_t level = parts[i].level;
      search.look_at(pictures[level], levels[level], parts[i], options.min_score, found[i]);
    }
  });
  Candidates all;
  for (Candidates& some : found) {
    for (const Candidate& candidate : some.strongest()) all.add(candidate);
  }
  return all.strongest();
}

}  // namespace mien::face::detail
