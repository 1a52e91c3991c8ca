#include "mien/data/audit.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <numeric>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"

namespace mien::data {
namespace {

std::size_t index_of(Split split) {
  return static_cast<std::size_t>(split);
}

// Equal images have equal hashes; unequal ones with equal hashes are told apart by their bytes.
std::uint64_t hash_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t hash = 0x9E3779B97F4A7C15u;
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
    hash = std::rotl(hash ^ word, 29) * 0xD6E8FEB86659FD93u;
  }
  return hash;
}

bool same_bytes(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

/// Calls take(images) for every set of same images, in file order within the set.
template <typename Take>
void for_each_group(const Dataset& dataset, Take&& take) {
  const Index size = dataset.size();
  std::vector<std::uint64_t> hashes(static_cast<std::size_t>(size));
  parallel_for_ranges(size, 1024, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) hashes[static_cast<std::size_t>(i)] = hash_of(dataset.image(i));
  });
  std::vector<std::uint32_t> order(hashes.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (hashes[a] != hashes[b]) return hashes[a] < hashes[b];
    const auto x = dataset.image(a);
    const auto y = dataset.image(b);
    if (const int different = std::memcmp(x.data(), y.data(), x.size()); different != 0) return different < 0;
    return a < b;
  });
  for (auto begin = order.begin(); begin != order.end();) {
    const auto end = std::find_if(begin, order.end(), [&](std::uint32_t i) {
      return hashes[i] != hashes[*begin] || !same_bytes(dataset.image(i), dataset.image(*begin));
    });
    take(std::span<const std::uint32_t>(begin, end));
    begin = end;
  }
}

Audit::PerSplit<Index> images_by_split(const Dataset& dataset, std::span<const std::uint32_t> images) {
  Audit::PerSplit<Index> count{};
  for (const std::uint32_t i : images) ++count[index_of(dataset.splits[i])];
  return count;
}

void add_group(const Dataset& dataset, std::span<const std::uint32_t> images, Audit& result) {
  ++result.distinct;
  if (images.size() == 1) return;
  const Audit::PerSplit<Index> count = images_by_split(dataset, images);
  for (std::size_t a = 0; a < kSplitCount; ++a) {
    result.repeats[a] += std::max<Index>(count[a] - 1, 0);
    for (std::size_t b = 0; b < kSplitCount; ++b) {
      if (a != b && count[b] > 0) result.also_in[a][b] += count[a];
    }
  }
  const bool conflicting = std::any_of(images.begin(), images.end(), [&](std::uint32_t i) {
    return dataset.labels[i] != dataset.labels[images.front()];
  });
  if (conflicting) {
    ++result.conflicting_groups;
    result.conflicting_images += static_cast<Index>(images.size());
  }
}

/// The images that occur in Training and in a test split, those of the splits that are `wanted`, in file order.
template <typename Wanted>
std::vector<std::uint32_t> in_both(const Dataset& dataset, Wanted wanted) {
  std::vector<std::uint32_t> found;
  for_each_group(dataset, [&](std::span<const std::uint32_t> images) {
    const Audit::PerSplit<Index> count = images_by_split(dataset, images);
    const Index tests = count[index_of(Split::public_test)] + count[index_of(Split::private_test)];
    if (count[index_of(Split::training)] == 0 || tests == 0) return;
    std::copy_if(images.begin(), images.end(), std::back_inserter(found),
                 [&](std::uint32_t i) { return wanted(dataset.splits[i]); });
  });
  std::sort(found.begin(), found.end());
  return found;
}

std::string row(const std::string& name, const Audit::PerSplit<Index>& values) {
  constexpr std::size_t kNameColumns = 20;
  char numbers[128];
  std::snprintf(numbers, sizeof numbers, " %12td %12td %12td\n", values[0], values[1], values[2]);
  return name + std::string(kNameColumns - std::min(kNameColumns, name.size()), ' ') + numbers;
}

bool is_flat(const Dataset& dataset, Index i) {
  const auto image = dataset.image(i);
  const Index plane = dataset.height * dataset.width;
  for (auto begin = image.begin(); begin != image.end(); begin += plane) {
    if (std::any_of(begin, begin + plane, [&](std::uint8_t v) { return v != *begin; })) return false;
  }
  return true;
}

}  // namespace

Audit audit(const Dataset& dataset) {
  Audit result;
  result.names = dataset.classes;
  result.classes.fill(std::vector<Index>(dataset.classes.size()));
  for (Index i = 0; i < dataset.size(); ++i) {
    const std::size_t split = index_of(dataset.splits[static_cast<std::size_t>(i)]);
    const std::uint8_t label = dataset.labels[static_cast<std::size_t>(i)];
    if (label >= dataset.classes.size()) {
      throw ArgumentError("[audit] label " + std::to_string(label) + " of " +
                          std::to_string(dataset.classes.size()) + " classes");
    }
    ++result.images[split];
    ++result.classes[split][label];
    result.flat[split] += is_flat(dataset, i);
  }
  for_each_group(dataset, [&](std::span<const std::uint32_t> images) { add_group(dataset, images, result); });
  return result;
}

std::string to_text(const Audit& audit) {
  std::string text(20, ' ');
  for (const std::string_view name : kSplitNames)
    text += std::string(13 - name.size(), ' ') + std::string(name);
  text += '\n';
  constexpr std::size_t kMostShown = 12;
  const std::size_t count = audit.names.size(), shown = count > kMostShown ? kMostShown - 2 : count;
  const auto of_class = [&](std::size_t label) {
    return row(printable(audit.names[label]),
               {audit.classes[0][label], audit.classes[1][label], audit.classes[2][label]});
  };
  for (std::size_t label = 0; label < shown; ++label) text += of_class(label);
  if (shown < count) {
    text += "... " + std::to_string(count - shown - 1) + " more\n" + of_class(count - 1);
  }
  text += row("images", audit.images);
  text += row("of one gray level", audit.flat);
  text += row("repeats within", audit.repeats);
  for (std::size_t b = 0; b < kSplitCount; ++b) {
    text += row("also in " + std::string(kSplitNames[b]),
                {audit.also_in[0][b], audit.also_in[1][b], audit.also_in[2][b]});
  }
  text += std::to_string(audit.distinct) + " distinct images; " + std::to_string(audit.conflicting_groups) +
          " sets of same images carry different labels (" + std::to_string(audit.conflicting_images) +
          " images)\n";
  return text;
}

std::vector<std::uint32_t> leaks(const Dataset& dataset) {
  return in_both(dataset, [](Split split) { return split == Split::training; });
}

std::vector<std::uint32_t> copies_of_training(const Dataset& dataset) {
  return in_both(dataset, [](Split split) { return split != Split::training; });
}

}  // namespace mien::data
