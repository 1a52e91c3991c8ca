#include "mien/data/votes.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <utility>

#include "data/csv_bytes.hpp"
#include "data/csv_line.hpp"
#include "data/names.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "mien/data/classes.hpp"

namespace mien::data {
namespace {

using detail::CsvLine;

constexpr std::size_t kMostVoteBytes = std::size_t{64} << 20;
constexpr std::size_t kExpressions = kClassCount + 1;  // with contempt
constexpr std::size_t kChoices = kExpressions + 2;     // unknown, and not a face
constexpr Index kMostVotes = 1000;

using Votes = std::array<Index, kChoices>;

/// The column of votes called so: 0 .. 6 as FER2013 numbers them, contempt, unknown, NF.
std::optional<std::size_t> choice_named(std::string_view name) {
  if (const auto expression = detail::expression_named(name)) return *expression;
  const std::string word = lower(std::string(name));
  if (word == "unknown") return kExpressions;
  if (word == "nf") return kExpressions + 1;
  return std::nullopt;
}

/// Reads the table row by row.
class VoteReader {
 public:
  VoteReader(std::string_view text, const std::string& path) : text_(text, path), path_(path) {}

  void read_header();
  bool done() const { return text_.done(); }
  /// The votes of the next row, which has to be of that split.
  Votes next(Split split);

 private:
  detail::CsvLines text_;
  const std::string& path_;
  std::size_t fields_ = 0;
  std::vector<std::optional<std::size_t>> choices_;  // of columns
  std::optional<std::size_t> usage_;                 // the column
};

void VoteReader::read_header() {
  const CsvLine line = text_.next();
  std::array<bool, kChoices> found{};
  fields_ =
      detail::for_each_field(path_, line, [&](std::size_t field, std::string_view name, const char* begin) {
        if (lower(std::string(name)) == "usage") usage_ = field;
        choices_.push_back(choice_named(name));
        if (!choices_.back()) return;
        if (std::exchange(found[*choices_.back()], true)) {
          detail::fail(path_, line, begin, "a second column for the same, " + detail::shown(name));
        }
      });
  const bool all = std::all_of(found.begin(), found.end(), [](bool there) { return there; });
  if (!all || !usage_) {
    detail::fail(
        path_, line, line.begin(),
        "expected the columns of fer2013new.csv: Usage, neutral, happiness, surprise, sadness, anger, disgust, "
        "fear, contempt, unknown and NF");
  }
}

Votes VoteReader::next(Split split) {
  const CsvLine line = text_.next();
  Votes votes{};
  const std::size_t fields =
      detail::for_each_field(path_, line, [&](std::size_t field, std::string_view value, const char*) {
        if (field == usage_) {
          const auto usage = detail::split_named(value);
          if (usage == split) return;
          detail::fail(path_, line, value.data(),
                       "Usage is " + detail::shown(value) + ", that of the row it belongs to " +
                           std::string(split_name(split)));
        }
        if (field >= choices_.size() || !choices_[field]) return;
        const std::optional<Index> count = parse_index(value);
        if (!count || *count < 0 || *count > kMostVotes) {
          detail::fail(path_, line, value.data(), "expected a number of votes, found " + detail::shown(value));
        }
        votes[*choices_[field]] = *count;
      });
  if (fields != fields_) {
    detail::fail(path_, line, line.begin(),
                 "expected " + std::to_string(fields_) + " fields, found " + std::to_string(fields));
  }
  return votes;
}

/// Choices in the order of fer2013new.csv's columns, which decides between equal votes.
constexpr std::array<std::size_t, kChoices> kVoteOrder = {
    6, 3, 5, 4, 0, 1, 2, 7, kExpressions, kExpressions + 1};

/// The votes that are learned from; none where the row is left out (apply_votes says why and which).
std::optional<Votes> agreed(Votes votes) {
  std::replace(votes.begin(), votes.end(), Index{1}, Index{0});
  const Index all = std::accumulate(votes.begin(), votes.end(), Index{0});
  Votes kept{};
  Index taken = 0;
  int expressions = 0;
  bool faces = true;
  while (4 * taken < 3 * all && expressions < 3 && faces) {
    const Index most = *std::max_element(votes.begin(), votes.end());
    for (const std::size_t choice : kVoteOrder) {
      if (votes[choice] != most) continue;
      if (choice >= kExpressions) {
        faces = false;
        break;
      }
      kept[choice] = std::exchange(votes[choice], 0);
      taken += most;
      ++expressions;
    }
  }
  if (2 * taken <= all || expressions > 3) return std::nullopt;
  return kept;
}

std::uint8_t most_voted(const Votes& votes) {
  return static_cast<std::uint8_t>(*std::max_element(kVoteOrder.begin(), kVoteOrder.end(),
                                                     [&](auto a, auto b) { return votes[a] < votes[b]; }));
}

/// Keeps row `from` as row `to`.
void keep_row(Dataset& dataset, Index from, Index to) {
  const Index size = dataset.image_size();
  if (from != to) std::copy_n(dataset.pixels.begin() + from * size, size, dataset.pixels.begin() + to * size);
  dataset.splits[static_cast<std::size_t>(to)] = dataset.splits[static_cast<std::size_t>(from)];
  if (!dataset.files.empty() && from != to) {
    dataset.files[static_cast<std::size_t>(to)] = std::move(dataset.files[static_cast<std::size_t>(from)]);
  }
}

void apply(Dataset& dataset, VoteReader reader, const std::string& path) {
  reader.read_header();
  const Index rows = dataset.size();
  Index kept = 0;
  for (Index row = 0; row < rows; ++row) {
    if (reader.done()) {
      throw DataError(path + ": " + std::to_string(row) + " rows, and " + dataset.source + " has " +
                      std::to_string(rows));
    }
    const std::optional<Votes> votes = agreed(reader.next(dataset.splits[static_cast<std::size_t>(row)]));
    if (!votes) continue;
    const Index sum = std::accumulate(votes->begin(), votes->end(), Index{0});
    for (std::size_t c = 0; c < kExpressions; ++c) {
      dataset.targets.push_back(static_cast<float>((*votes)[c]) / static_cast<float>(sum));
    }
    keep_row(dataset, row, kept);
    dataset.labels[static_cast<std::size_t>(kept++)] = most_voted(*votes);
  }
  if (!reader.done())
    throw DataError(path + ": more rows than the " + std::to_string(rows) + " of " + dataset.source);
  if (kept == 0) throw DataError(path + ": no row on whose expression most agree");
  dataset.pixels.resize(static_cast<std::size_t>(kept * dataset.image_size()));
  dataset.labels.resize(static_cast<std::size_t>(kept));
  dataset.splits.resize(static_cast<std::size_t>(kept));
  if (!dataset.files.empty()) dataset.files.resize(static_cast<std::size_t>(kept));
  dataset.classes = class_names();
  dataset.classes.emplace_back(kContempt);
  dataset.notes.push_back("labels are the votes of " + path + ": left out " + std::to_string(rows - kept) +
                          " rows on whose expression too few agree");
}

}  // namespace

void apply_votes(Dataset& dataset, const std::string& path) {
  const MappedFile file = MappedFile::open(path, kMostVoteBytes);
  const std::span<const std::byte> bytes = file.bytes();
  const std::span<const std::uint8_t> values(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  detail::with_csv_text(values, path, kMostVoteBytes,
                        [&](std::string_view text) { apply(dataset, VoteReader(text, path), path); });
}

}  // namespace mien::data
