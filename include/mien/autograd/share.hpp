// How several processes, or one by itself, compute a batch in parts.
//
// A sum over the images of a batch is made of one sum for each part, added in an order that the number of parts
// fixes, whoever has computed which: the same bits for any number of ranks.
#pragma once

#include "mien/comm/communicator.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/tensor.hpp"

namespace mien::autograd {

/// Which images of a batch this rank computes, in which parts, and what it does with the others' sums.
class BatchShare {
 public:
  /// Image i of a batch of `images` is one of rank r's where a part of [r * parts / ranks, (r + 1) * parts /
  /// ranks) has it; part k is images [k * images / parts, (k + 1) * images / parts). Fewer images than parts
  /// make as many parts. Throws ArgumentError where a rank would have no part, or of several ranks one four
  /// images or fewer: these are computed in another way, to other bits.
  BatchShare(comm::Communicator& ranks, Index images, Index parts);

  comm::Communicator& ranks() const { return ranks_; }
  /// Whether this is a whole batch in one part, of which nothing need be known.
  bool is_whole() const { return parts_ == 1; }
  Index images() const { return images_; }  ///< of the batch
  Index first() const { return first_image(first_part()); }
  Index count() const { return first_image(last_part()) - first(); }  ///< of this rank's images
  Index parts_here() const { return last_part() - first_part(); }

  /// Calls body(number of the part, its first image, how many), both counted among this rank's.
  template <typename Body>
  void for_each_part(Body body) const {
    const auto part = [&](Index k) {
      const Index begin = first_image(first_part() + k), end = first_image(first_part() + k + 1);
      body(k, begin - first(), end - begin);
    };
    // Threads take whole parts, or share each of a few.
    if (parts_here() >= thread_count()) {
      parallel_for(parts_here(), part);
    } else {
      for (Index k = 0; k < parts_here(); ++k) part(k);
    }
  }

  /// The sum over all parts of the batch of what this rank has of its own: [parts_here][size], which is
  /// overwritten, to [size].
  Tensor sum_parts(const Tensor& mine) const;
  /// The same in double precision, of few values.
  std::vector<double> sum_parts(std::span<const double> mine) const;
  /// Values of every part, [parts_here][...] to [parts][...].
  Tensor gather_parts(const Tensor& mine) const;
  /// Rows of every image: [count][...] to [images][...].
  Tensor gather_rows(const Tensor& mine) const;
  /// This rank's of rows of every image.
  Tensor own_rows(const Tensor& all) const;

 private:
  Index part_of_rank(Index rank) const { return rank * parts_ / ranks_.size(); }
  Index first_part() const { return part_of_rank(ranks_.rank()); }
  Index last_part() const { return part_of_rank(ranks_.rank() + 1); }
  Index first_image(Index part) const { return part * images_ / parts_; }

  comm::Communicator& ranks_;
  Index images_, parts_;
};

}  // namespace mien::autograd
