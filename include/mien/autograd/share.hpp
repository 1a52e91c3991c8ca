// How several processes, or one by itself, compute a batch in parts.
//
// A sum over the images of a batch is made of one sum for each part, added in an order that the number of parts
// fixes, whoever has computed which: the same bits for any number of ranks. So is a sum over the inputs of a
// large dense layer, whose rows of weights ranks may share out.
#pragma once

#include <span>
#include <vector>

#include "mien/comm/communicator.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/tensor.hpp"

namespace mien::autograd {

struct Parameter;

/// Numbers [begin, end) of something.
struct Range {
  Index begin = 0, end = 0;

  Index size() const { return end - begin; }
};

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
  Index first() const { return own(images_).begin; }
  Index count() const { return own(images_).size(); }  ///< of this rank's images
  Index parts_here() const { return last_part() - first_part(); }
  /// Of anything else of `size`, which is cut and given to ranks as the images are, what this rank has.
  Range own(Index size) const { return of_rank(ranks_.rank(), size); }
  /// The same, part by part.
  std::vector<Range> own_parts(Index size) const;

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

  /// Columns are shared out as images are. Takes all columns of this rank's images, [count][columns]; gives
  /// this rank's columns of all images, [images][own(columns)].
  Tensor to_columns(const Tensor& rows) const;
  /// The way back: of `size` columns in all, from [images][own(size)] to [count][size].
  Tensor to_rows(const Tensor& columns, Index size) const;
  /// The sum over all parts of rows of every image, [parts_here][images * size], which is overwritten, to this
  /// rank's [count][size].
  Tensor sum_rows(const Tensor& mine) const;
  /// Makes the values of a matrix whose rows are shared out complete on rank 0.
  void collect_rows(std::span<std::byte> matrix, Index rows) const;
  /// Gives the memory of rows back that are not this rank's, which are zero from then on, as far as it is whole
  /// pages; not on rank 0, which collects.
  void forget_rows(std::span<std::byte> matrix, Index rows) const;

 private:
  Index part_of_rank(Index rank) const { return rank * parts_ / ranks_.size(); }
  Index first_part() const { return part_of_rank(ranks_.rank()); }
  Index last_part() const { return part_of_rank(ranks_.rank() + 1); }
  Index begin_of(Index part, Index size) const { return part * size / parts_; }
  Index first_image(Index part) const { return begin_of(part, images_); }
  Range of_rank(Index rank, Index size) const {
    return {begin_of(part_of_rank(rank), size), begin_of(part_of_rank(rank + 1), size)};
  }
  Tensor sum_slices(Tensor mine, const std::vector<Range>& slices) const;

  comm::Communicator& ranks_;
  Index images_, parts_;
};

/// Which values of a parameter this rank learns: all, or those of its rows.
Range own_values(const Parameter& parameter);
/// Gradient::is_usable of the whole gradient, also where each rank has that of its rows: called by all, who
/// find the same.
bool has_usable_gradient(const Parameter& parameter);

}  // namespace mien::autograd
