#include "mien/autograd/share.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "autograd/columns.hpp"
#include "autograd/without_zeros.hpp"
#include "core/pages.hpp"
#include "mien/autograd/tape.hpp"
#include "mien/core/error.hpp"
#include "ops/few_images.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {
namespace {

// Sums of so many bytes or more go to one rank a slice and come back added up: two messages in turn instead of
// one, but fewer bytes.
constexpr std::size_t kSlicedBytes = 64 << 10;

std::span<const std::byte> bytes_of(const float* values, Index count) {
  return std::as_bytes(std::span(values, static_cast<std::size_t>(count)));
}
std::span<std::byte> bytes_of(float* values, Index count) {
  return std::as_writable_bytes(std::span(values, static_cast<std::size_t>(count)));
}

Shape with_rows(const Shape& shape, Index rows) {
  std::vector<Index> extents(shape.extents().begin(), shape.extents().end());
  extents[0] = rows;
  return Shape(std::span<const Index>(extents));
}

// Parts [begin, begin + width), as far as there are so many. Sums are made of pairs of neighbors, these of
// pairs, and so on: what a rank has of one branch is one sum to the others.
struct Node {
  Index begin, width;

  Node left() const { return {begin, width / 2}; }
  Node right() const { return {begin + width / 2, width / 2}; }
};

Node root_of(Index parts) {
  Index width = 1;
  while (width < parts) width *= 2;
  return {0, width};
}

// The largest nodes below `node` that have nothing but parts [begin, end) of `parts`.
void add_nodes_within(std::vector<Node>& nodes, Node node, Index begin, Index end, Index parts) {
  const Index last = std::min(node.begin + node.width, parts);
  if (node.begin >= last || last <= begin || node.begin >= end) return;
  if (node.begin >= begin && last <= end) {
    nodes.push_back(node);
    return;
  }
  add_nodes_within(nodes, node.left(), begin, end, parts);
  add_nodes_within(nodes, node.right(), begin, end, parts);
}
std::vector<Node> nodes_within(Index begin, Index end, Index parts) {
  std::vector<Node> nodes;
  add_nodes_within(nodes, root_of(parts), begin, end, parts);
  return nodes;
}

// Sums of `size` values each, in which those of larger nodes are added up.
class SumTree {
 public:
  struct Leaf {
    Node node;
    float* sum;
  };

  SumTree(std::vector<Leaf> leaves, Index size) : leaves_(std::move(leaves)), size_(size) {}

  // In the place of one of its leaves, which is overwritten; null where a node has none.
  float* sum(Node node) {
    for (const Leaf& leaf : leaves_) {
      if (leaf.node.begin == node.begin && leaf.node.width == node.width) return leaf.sum;
    }
    if (node.width == 1) return nullptr;
    float* const left = sum(node.left());
    float* const right = sum(node.right());
    if (right != nullptr) ops::accumulate(left, right, size_);
    return left;
  }

 private:
  std::vector<Leaf> leaves_;
  Index size_;
};

Tensor row_of(const float* values, Index size) {
  return Tensor::from({size}, {values, static_cast<std::size_t>(size)});
}

// The same values of each of the sums, one after another: of several in a tensor that `packed` takes.
std::span<const std::byte> slice_of(const std::vector<float*>& sums, Range slice, std::vector<Tensor>& packed) {
  if (sums.size() == 1) return bytes_of(static_cast<const float*>(sums[0]) + slice.begin, slice.size());
  Tensor& all = packed.emplace_back(Tensor::uninitialized({static_cast<Index>(sums.size()), slice.size()}));
  float* to = all.mutable_data();
  for (const float* sum : sums) to = std::copy_n(sum + slice.begin, slice.size(), to);
  return bytes_of(all.data(), all.size());
}

}  // namespace

BatchShare::BatchShare(comm::Communicator& ranks, Index images, Index parts)
    : ranks_(ranks), images_(images), parts_(std::min(images, parts)) {
  if (parts < 1) throw ArgumentError("[parts] expected at least 1, got " + std::to_string(parts));
  const auto refuse = [&](const std::string& what) {
    throw ArgumentError("[parts] a batch of " + std::to_string(images) + " images in " + std::to_string(parts) +
                        " parts for " + std::to_string(ranks.size()) + " ranks: " + what);
  };
  if (ranks.size() == 1) return;
  if (parts_ < ranks.size()) refuse("one rank has none; make more parts, or start fewer ranks");
  for (Index r = 0; r < ranks.size(); ++r) {
    if (ops::is_few(of_rank(r, images_).size())) {
      refuse("each rank needs five images or more; make the batch larger, or start fewer ranks");
    }
  }
}

std::vector<Range> BatchShare::own_parts(Index size) const {
  std::vector<Range> parts;
  for (Index k = first_part(); k < last_part(); ++k)
    parts.push_back({begin_of(k, size), begin_of(k + 1, size)});
  return parts;
}

// Of the sum over all parts, [parts_here][size] on each rank, values slices[r] on rank r.
Tensor BatchShare::sum_slices(Tensor mine, const std::vector<Range>& slices) const {
  const Index ranks = ranks_.size(), size = mine.dim(1);
  std::vector<SumTree::Leaf> parts_of_mine;
  for (Index k = first_part(); k < last_part(); ++k) {
    parts_of_mine.push_back({{k, 1}, mine.mutable_data() + (k - first_part()) * size});
  }
  SumTree own(parts_of_mine, size);
  if (ranks == 1) return row_of(own.sum(root_of(parts_)), size);

  // What other ranks need not know apart is added up here.
  const auto nodes_of = [&](std::size_t rank) {
    const auto r = static_cast<Index>(rank);
    return nodes_within(part_of_rank(r), part_of_rank(r + 1), parts_);
  };
  const auto me = static_cast<std::size_t>(ranks_.rank());
  std::vector<float*> sums;
  for (const Node& node : nodes_of(me)) sums.push_back(own.sum(node));
  const Index here = slices[me].size();
  std::vector<SumTree::Leaf> all;
  std::vector<Tensor> packed, received;
  std::vector<std::span<const std::byte>> send(slices.size());
  std::vector<std::span<std::byte>> receive(slices.size());
  for (std::size_t r = 0; r < slices.size(); ++r) {
    const std::vector<Node> nodes = nodes_of(r);
    if (r == me) {
      for (std::size_t i = 0; i < nodes.size(); ++i) all.push_back({nodes[i], sums[i] + slices[me].begin});
      continue;
    }
    send[r] = slice_of(sums, slices[r], packed);
    Tensor& theirs = received.emplace_back(Tensor::uninitialized({static_cast<Index>(nodes.size()), here}));
    receive[r] = bytes_of(theirs.mutable_data(), theirs.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      all.push_back({nodes[i], theirs.mutable_data() + static_cast<Index>(i) * here});
    }
  }
  ranks_.exchange(send, receive);  // what was sent has left, and may be added to
  return row_of(SumTree(all, here).sum(root_of(parts_)), here);
}

Tensor BatchShare::sum_parts(const Tensor& mine) const {
  const Index size = mine.dim(1), ranks = ranks_.size();
  // Large sums go to one rank a slice and come back added up; of small ones each rank gets all.
  const bool sliced = ranks > 1 && static_cast<std::size_t>(size) * sizeof(float) >= kSlicedBytes;
  std::vector<Range> slices;
  for (Index r = 0; r < ranks; ++r) {
    slices.push_back(sliced ? Range{r * size / ranks, (r + 1) * size / ranks} : Range{0, size});
  }
  const Tensor here = sum_slices(mine, slices);
  if (!sliced) return here;
  Tensor sum = Tensor::uninitialized({size});
  std::vector<std::size_t> sizes;
  for (const Range& slice : slices) sizes.push_back(static_cast<std::size_t>(slice.size()) * sizeof(float));
  ranks_.all_gather(bytes_of(here.data(), here.size()), bytes_of(sum.mutable_data(), size), sizes);
  return sum;
}

std::vector<double> BatchShare::sum_parts(std::span<const double> mine) const {
  const std::size_t size = mine.size() / static_cast<std::size_t>(parts_here());
  std::vector<double> all(size * static_cast<std::size_t>(parts_));
  std::vector<std::size_t> sizes;
  for (Index r = 0; r < ranks_.size(); ++r) {
    sizes.push_back(static_cast<std::size_t>(part_of_rank(r + 1) - part_of_rank(r)) * size * sizeof(double));
  }
  ranks_.all_gather(std::as_bytes(mine), std::as_writable_bytes(std::span(all)), sizes);
  std::vector<double> sum(size);
  for (std::size_t i = 0; i < all.size(); ++i) sum[i % size] += all[i];
  return sum;
}

Tensor BatchShare::gather_parts(const Tensor& mine) const {
  const Index size = mine.size() / parts_here();
  Tensor all = Tensor::uninitialized(with_rows(mine.shape(), parts_));
  std::vector<std::size_t> sizes;
  for (Index r = 0; r < ranks_.size(); ++r) {
    sizes.push_back(static_cast<std::size_t>((part_of_rank(r + 1) - part_of_rank(r)) * size) * sizeof(float));
  }
  ranks_.all_gather(bytes_of(mine.data(), mine.size()), bytes_of(all.mutable_data(), all.size()), sizes);
  return all;
}

Tensor BatchShare::gather_rows(const Tensor& mine) const {
  if (ranks_.size() == 1) return mine;
  const Index size = mine.size() / count();
  const std::vector<std::uint32_t> words = without_zeros(mine.values());
  const std::vector<std::size_t> counts = ranks_.gather(words.size());
  std::vector<std::size_t> sizes;
  for (const std::size_t of_rank : counts) sizes.push_back(of_rank * sizeof(std::uint32_t));
  std::vector<std::uint32_t> received(std::accumulate(counts.begin(), counts.end(), std::size_t{0}));
  ranks_.all_gather(std::as_bytes(std::span(words)), std::as_writable_bytes(std::span(received)), sizes);
  Tensor all = Tensor::uninitialized(with_rows(mine.shape(), images_));
  float* to = all.mutable_data();
  auto from = std::span<const std::uint32_t>(received);
  for (Index r = 0; r < ranks_.size(); ++r) {
    const Index values = of_rank(r, images_).size() * size;
    const std::size_t length = counts[static_cast<std::size_t>(r)];
    with_zeros({to, static_cast<std::size_t>(values)}, from.first(length));
    from = from.subspan(length);
    to += values;
  }
  return all;
}

Tensor BatchShare::own_rows(const Tensor& all) const {
  if (ranks_.size() == 1) return all;
  const Index size = all.size() / images_;
  Tensor mine = Tensor::uninitialized(with_rows(all.shape(), count()));
  std::copy_n(all.data() + first() * size, mine.size(), mine.mutable_data());
  return mine;
}

Tensor BatchShare::to_columns(const Tensor& rows) const {
  if (ranks_.size() == 1) return rows;
  const auto me = static_cast<std::size_t>(ranks_.rank());
  std::vector<std::vector<std::uint32_t>> words(static_cast<std::size_t>(ranks_.size()));
  std::vector<std::vector<std::uint32_t>> received(words.size());
  for (std::size_t r = 0; r < words.size(); ++r) {
    if (r == me) continue;
    words[r] = without_zeros(columns_of(rows, of_rank(static_cast<Index>(r), rows.dim(1))).values());
  }
  std::vector<std::size_t> lengths, their_lengths;
  for (const auto& message : words) lengths.push_back(message.size());
  their_lengths = lengths;
  const auto exchange = [&](auto sent, auto into) {
    std::vector<std::span<const std::byte>> send;
    std::vector<std::span<std::byte>> receive;
    for (std::size_t r = 0; r < words.size(); ++r) {
      send.push_back(std::as_bytes(sent(r)));
      receive.push_back(std::as_writable_bytes(into(r)));
    }
    ranks_.exchange(send, receive);
  };
  // How long each message is, then the messages.
  exchange([&](std::size_t r) { return std::span(&lengths[r], 1); },
           [&](std::size_t r) { return std::span(&their_lengths[r], 1); });
  for (std::size_t r = 0; r < words.size(); ++r) received[r].resize(their_lengths[r]);
  exchange([&](std::size_t r) { return std::span(words[r]); },
           [&](std::size_t r) { return std::span(received[r]); });
  const Range mine = own(rows.dim(1));
  const Index size = mine.size();
  Tensor columns = Tensor::uninitialized({images_, size});
  for (std::size_t r = 0; r < received.size(); ++r) {
    const Range images = of_rank(static_cast<Index>(r), images_);
    float* const to = columns.mutable_data() + images.begin * size;
    if (r == me) {
      write_columns(to, rows, mine);
    } else {
      with_zeros({to, static_cast<std::size_t>(images.size() * size)}, received[r]);
    }
  }
  return columns;
}

Tensor BatchShare::to_rows(const Tensor& columns, Index size) const {
  if (ranks_.size() == 1) return columns;
  const Index mine = columns.dim(1);
  std::vector<Tensor> received;
  std::vector<std::span<const std::byte>> send;
  std::vector<std::span<std::byte>> receive;
  for (Index r = 0; r < ranks_.size(); ++r) {
    const Range images = of_rank(r, images_);
    send.push_back(bytes_of(columns.data() + images.begin * mine, images.size() * mine));
    Tensor& theirs = received.emplace_back(Tensor::uninitialized({count(), of_rank(r, size).size()}));
    receive.push_back(bytes_of(theirs.mutable_data(), theirs.size()));
  }
  const auto me = static_cast<std::size_t>(ranks_.rank());
  std::copy(send[me].begin(), send[me].end(), receive[me].begin());
  ranks_.exchange(send, receive);
  Tensor rows = Tensor::uninitialized({count(), size});
  for (Index r = 0; r < ranks_.size(); ++r) {
    copy_columns(rows, of_rank(r, size).begin, received[static_cast<std::size_t>(r)]);
  }
  return rows;
}

Tensor BatchShare::sum_rows(const Tensor& mine) const {
  const Index size = mine.dim(1) / images_;
  std::vector<Range> slices;
  for (Index r = 0; r < ranks_.size(); ++r) {
    const Range images = of_rank(r, images_);
    slices.push_back({images.begin * size, images.end * size});
  }
  return sum_slices(mine, slices).reshape({count(), size});
}

void BatchShare::collect_rows(std::span<std::byte> matrix, Index rows) const {
  const std::size_t row = matrix.size() / static_cast<std::size_t>(rows);
  const auto of = [&](Index rank) {
    const Range range = of_rank(rank, rows);
    return matrix.subspan(static_cast<std::size_t>(range.begin) * row,
                          static_cast<std::size_t>(range.size()) * row);
  };
  const auto ranks = static_cast<std::size_t>(ranks_.size());
  std::vector<std::span<const std::byte>> send(ranks);
  std::vector<std::span<std::byte>> receive(ranks);
  if (ranks_.rank() == 0) {
    for (Index r = 1; r < ranks_.size(); ++r) receive[static_cast<std::size_t>(r)] = of(r);
  } else {
    send[0] = of(ranks_.rank());
  }
  ranks_.exchange(send, receive);
}

void BatchShare::forget_rows(std::span<std::byte> matrix, Index rows) const {
  if (ranks_.rank() == 0) return;
  const std::size_t row = matrix.size() / static_cast<std::size_t>(rows);
  const Range mine = own(rows);
  const std::size_t begin = static_cast<std::size_t>(mine.begin) * row;
  const std::size_t end = static_cast<std::size_t>(mine.end) * row;
  mien::detail::forget_pages(matrix.data(), begin);
  mien::detail::forget_pages(matrix.data() + end, matrix.size() - end);
}

Range own_values(const Parameter& parameter) {
  if (parameter.rows == nullptr) return {0, parameter.value.size()};
  const Range rows = parameter.rows->own(parameter.value.dim(0));
  const Index columns = parameter.value.dim(1);
  return {rows.begin * columns, rows.end * columns};
}

bool has_usable_gradient(const Parameter& parameter) {
  const Gradient& gradient = parameter.gradient;
  if (parameter.rows == nullptr || gradient.empty()) return gradient.is_usable();
  // As Gradient does, of each part of the rows.
  const BatchShare& share = *parameter.rows;
  const Tensor &x = gradient.x(), &d = gradient.d();
  const Index n = x.dim(0), first = share.own(parameter.value.dim(0)).begin;
  const auto sum = [&](auto norm) {
    std::vector<double> squares;
    for (const Range& rows : share.own_parts(parameter.value.dim(0))) {
      squares.push_back(norm(columns_of(x, {rows.begin - first, rows.end - first})));
    }
    return share.sum_parts(squares)[0];
  };
  constexpr double kMost = Gradient::kLargestNorm * Gradient::kLargestNorm;
  const double squared_x = sum([](const Tensor& part) { return ops::sum_squares(part.data(), part.size()); });
  if (squared_x * ops::sum_squares(d.data(), d.size()) <= kMost) return true;
  return sum([&](const Tensor& part) {
           return ops::product_squared_norm(part.data(), d.data(), n, part.dim(1), d.dim(1));
         }) <= kMost;
}

}  // namespace mien::autograd
