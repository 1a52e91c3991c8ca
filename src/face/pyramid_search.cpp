#include "face/pyramid_search.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "mien/core/parallel.hpp"
#include "mien/image/resize.hpp"

namespace mien::face::detail {
namespace {

// Gives each of those that ask at once another search. There are as many as can ask.
class FreeSearches {
 public:
  explicit FreeSearches(std::vector<NetworkSearch>& searches) {
    for (NetworkSearch& search : searches) free_.push_back(&search);
  }
  // A search for as long as this lives.
  class Loan {
   public:
    explicit Loan(FreeSearches& searches) : searches_(searches) {
      const std::lock_guard lock(searches_.mutex_);
      search_ = searches_.free_.back();
      searches_.free_.pop_back();
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() {
      const std::lock_guard lock(searches_.mutex_);
      searches_.free_.push_back(search_);  // there is room: it was there
    }
    NetworkSearch& operator*() const { return *search_; }

   private:
    FreeSearches& searches_;
    NetworkSearch* search_;
  };

 private:
  std::mutex mutex_;
  std::vector<NetworkSearch*> free_;
};

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
  FreeSearches free(searches_);
  std::vector<Candidates> found(parts.size());
  parallel_for(static_cast<Index>(parts.size()), [&](Index i) {
    const FreeSearches::Loan search(free);
    const auto number = static_cast<std::size_t>(i);
    const LevelPart& part = parts[number];
    (*search).look_at(pictures[part.level], levels[part.level], part, options.min_score, found[number]);
  });
  Candidates all;
  for (Candidates& some : found) {
    for (const Candidate& candidate : some.strongest()) all.add(candidate);
  }
  return all.strongest();
}

}  // namespace mien::face::detail
