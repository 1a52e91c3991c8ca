#include "mien/autograd/share.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "autograd/without_zeros.hpp"
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

// Rows of sums, one for each of `leaves`, in which those of larger nodes are added up.
class SumTree {
 public:
  SumTree(std::vector<Node> leaves, Tensor rows) : leaves_(std::move(leaves)), rows_(std::move(rows)) {}

  // In the place of one of its leaves, which is overwritten; null where a node has none.
  const float* sum(Node node) { return add(node); }

 private:
  float* add(Node node) {
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      if (leaves_[i].begin != node.begin || leaves_[i].width != node.width) continue;
      return rows_.mutable_data() + static_cast<Index>(i) * rows_.dim(1);
    }
    if (node.width == 1) return nullptr;
    float* const left = add(node.left());
    float* const right = add(node.right());
    if (right != nullptr) ops::accumulate(left, right, rows_.dim(1));
    return left;
  }

  std::vector<Node> leaves_;
  Tensor rows_;
};

Tensor row_of(const float* values, Index size) {
  return Tensor::from({size}, {values, static_cast<std::size_t>(size)});
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
    if (ops::is_few(first_image(part_of_rank(r + 1)) - first_image(part_of_rank(r)))) {
      refuse("each rank needs five images or more; make the batch larger, or start fewer ranks");
    }
  }
}

Tensor BatchShare::sum_parts(const Tensor& mine) const {
  const Index size = mine.dim(1), ranks = ranks_.size();
  std::vector<Node> parts_of_mine;
  for (Index k = first_part(); k < last_part(); ++k) parts_of_mine.push_back({k, 1});
  SumTree own(parts_of_mine, mine);
  if (ranks == 1) return row_of(own.sum(root_of(parts_)), size);

  // What other ranks need not know apart is added up here.
  std::vector<Node> all_nodes;
  std::vector<const float*> sums;
  std::vector<Index> first_node;
  for (Index r = 0; r < ranks; ++r) {
    first_node.push_back(static_cast<Index>(all_nodes.size()));
    for (const Node& node : nodes_within(part_of_rank(r), part_of_rank(r + 1), parts_)) {
      all_nodes.push_back(node);
      if (r == ranks_.rank()) sums.push_back(own.sum(node));
    }
  }
  first_node.push_back(static_cast<Index>(all_nodes.size()));
  // Large sums go to one rank a slice and come back added up; of small ones each rank gets all.
  const bool sliced = static_cast<std::size_t>(size) * sizeof(float) >= kSlicedBytes;
  const auto slice = [&](Index rank) { return sliced ? rank * size / ranks : 0; };
  const auto length = [&](Index rank) { return sliced ? slice(rank + 1) - slice(rank) : size; };
  const Index here = length(ranks_.rank());
  Tensor received = Tensor::uninitialized({first_node.back(), here});
  std::vector<Tensor> packed;
  std::vector<std::span<const std::byte>> send;
  std::vector<std::span<std::byte>> receive;
  for (Index r = 0; r < ranks; ++r) {
    Tensor& out = packed.emplace_back(Tensor::uninitialized({static_cast<Index>(sums.size()), length(r)}));
    float* to = out.mutable_data();
    for (const float* sum : sums) to = std::copy_n(sum + slice(r), length(r), to);
    send.push_back(bytes_of(out.data(), out.size()));
    const auto at = static_cast<std::size_t>(r);
    receive.push_back(bytes_of(received.mutable_data() + first_node[at] * here,
                               (first_node[at + 1] - first_node[at]) * here));
  }
  const auto me = static_cast<std::size_t>(ranks_.rank());
  std::copy(send[me].begin(), send[me].end(), receive[me].begin());
  ranks_.exchange(send, receive);
  SumTree tree(all_nodes, received);
  const float* const added = tree.sum(root_of(parts_));
  if (!sliced) return row_of(added, size);
  Tensor sum = Tensor::uninitialized({size});
  std::vector<std::size_t> sizes;
  for (Index r = 0; r < ranks; ++r) sizes.push_back(static_cast<std::size_t>(length(r)) * sizeof(float));
  ranks_.all_gather(bytes_of(added, here), bytes_of(sum.mutable_data(), size), sizes);
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
    const Index values = (first_image(part_of_rank(r + 1)) - first_image(part_of_rank(r))) * size;
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

}  // namespace mien::autograd
