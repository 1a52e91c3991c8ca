#include "mien/data/fer2013.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <string_view>

#include "core/pages.hpp"
#include "data/csv_header.hpp"
#include "data/csv_line.hpp"
#include "data/file_kind.hpp"
#include "data/hold_out.hpp"
#include "data/names.hpp"
#include "data/pixel_text.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/gzip.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"

namespace mien::data {
namespace {

using detail::CsvHeader;
using Line = detail::CsvLine;

constexpr std::size_t kPixels = static_cast<std::size_t>(kImageSide * kImageSide);
// A label, a comma, 2,304 digits with a blank between: no good row is shorter. It bounds the memory that
// a file full of line breaks can ask for.
constexpr std::size_t kMinRowBytes = 1 + 1 + kPixels + (kPixels - 1);
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
// In place of a label, while lines are read: an expression that FER2013 does not have.
constexpr std::uint8_t kOtherFace = 255;

class Reader {
 public:
  Reader(std::string_view text, const std::string& name, const CsvOptions& options)
      : text_(text), name_(name), options_(options) {}

  Dataset read();

 private:
  // The lines that begin in [begin, end).
  struct Chunk {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t breaks = 0;  // line breaks of the body before `begin`
    std::string error;
  };

  [[noreturn]] void fail(const Line& line, const char* at, const std::string& what) const {
    detail::fail(name_, line, at, what);
  }
  void drop_empty_end();
  void refuse_cr_alone() const;
  Line line_at(std::size_t begin, std::size_t number) const;
  std::vector<Chunk> make_chunks(std::size_t body) const;
  void read_chunk(const Chunk& chunk, std::size_t body, const CsvHeader& header, Dataset& into) const;
  void read_row(const Line& line, const CsvHeader& header, Dataset& into, std::size_t row) const;
  std::uint8_t read_label(const Line& line, std::string_view field) const;
  void leave_out_other_faces(Dataset& dataset) const;
  Split read_split(const Line& line, std::string_view field) const;
  void read_pixels(const Line& line, std::string_view field, std::uint8_t* out) const;

  std::string_view text_;
  const std::string& name_;
  const CsvOptions& options_;
  bool ends_with_break_ = false;
  mutable std::atomic<bool> numbers_classes_ = false;  // any row; several threads read
};

void Reader::drop_empty_end() {
  const std::size_t last = text_.find_last_not_of(" \t\r\n");
  const std::size_t size = last == std::string_view::npos ? 0 : last + 1;
  ends_with_break_ = text_.find('\n', size) != std::string_view::npos;
  text_ = text_.substr(0, size);
}

// As old Macs wrote text, and some spreadsheets still do.
void Reader::refuse_cr_alone() const {
  const Line line{text_.substr(0, options_.max_line_bytes + 1), 1, false};
  const std::size_t at = line.text.find('\r');
  if (at == line.text.npos || line.text.find('\n') != line.text.npos) return;
  fail(line, line.begin() + at, "lines end in CR alone, expected LF or CRLF");
}

Line Reader::line_at(std::size_t begin, std::size_t number) const {
  const std::string_view window = text_.substr(begin, options_.max_line_bytes + 1);
  const std::size_t length = std::min(window.find('\n'), window.size());
  const bool last = begin + length == text_.size();
  const Line line{window.substr(0, length), number, last && !ends_with_break_};
  if (length > options_.max_line_bytes) {
    fail(line, line.text.data() + options_.max_line_bytes,
         "the line is longer than " + std::to_string(options_.max_line_bytes) + " bytes");
  }
  return line;
}

void Reader::read_pixels(const Line& line, std::string_view field, std::uint8_t* out) const {
  const char* const end = field.data() + field.size();
  const char* p = field.data();
  std::size_t count = 0;
  while (true) {
    if (count < kPixels) count += detail::read_pixels_fast(p, end, out + count, kPixels - count);
    p = std::find_if(p, end, [](char c) { return c != ' '; });
    if (p == end) break;
    const std::string_view token(p, std::find(p, end, ' '));
    if (count < kPixels) {
      const std::optional<std::uint8_t> value = detail::parse_pixel(token);
      if (!value) {
        fail(line, p,
             "pixel " + std::to_string(count + 1) + " is " + detail::shown(token) +
                 ", expected an integer 0 to 255" +
                 (token.find(',') == token.npos ? "" : " and blanks between pixels"));
      }
      out[count] = *value;
    }
    ++count;
    p += token.size();
  }
  if (count != kPixels) {
    fail(line, field.data(), "expected " + std::to_string(kPixels) + " pixels, found " + std::to_string(count));
  }
}

std::uint8_t Reader::read_label(const Line& line, std::string_view field) const {
  const std::optional<unsigned> number = detail::class_number(field);
  const std::optional<std::uint8_t> label =
      number ? options_.classes.label(*number) : detail::class_named(field);
  if (number && !numbers_classes_.load(std::memory_order_relaxed)) numbers_classes_ = true;
  if (label) return *label;
  if (number ? options_.classes.is_other(*number) : detail::is_other_expression(field)) return kOtherFace;
  const bool word = field.find_first_not_of("0123456789.+-") != field.npos;
  std::string expected = "an integer 0 to 6";
  if (!options_.classes.words().empty()) expected = "one of " + options_.classes.to_string();
  if (word) expected += " or one of " + std::string(detail::known_classes());
  fail(line, field.data(), "emotion is " + detail::shown(field) + ", expected " + expected);
}

Split Reader::read_split(const Line& line, std::string_view field) const {
  if (const std::optional<Split> split = detail::split_named(field)) return *split;
  fail(line, field.data(),
       "Usage is " + detail::shown(field) +
           ", expected Training, PublicTest or PrivateTest (or Train, Validation, Test)");
}

void Reader::read_row(const Line& line, const CsvHeader& header, Dataset& into, std::size_t row) const {
  std::array<std::string_view, detail::kCsvColumns> values;
  if (trim(line.text).empty()) fail(line, line.begin(), "an empty line within the table");
  std::size_t fields = 0;
  for (const char* at = line.begin();; ++at) {
    const std::string_view value = detail::next_field(name_, line, at);
    for (std::size_t column = 0; column < detail::kCsvColumns; ++column) {
      if (header.at[column] == fields) values[column] = value;
    }
    ++fields;
    if (at == line.end()) break;
  }
  if (fields != header.fields) {
    const bool commas = fields == header.fields + kPixels - 1;
    fail(line, line.begin(),
         "expected " + std::to_string(header.fields) + " fields, found " + std::to_string(fields) +
             (commas ? ": pixels are to have blanks between them, not commas" : ""));
  }

  into.labels[row] = read_label(line, values[detail::kEmotion]);
  into.splits[row] = header.has_usage() ? read_split(line, values[detail::kUsage]) : Split::training;
  read_pixels(line, values[detail::kPixelsColumn], into.pixels.data() + row * kPixels);
}

std::vector<Reader::Chunk> Reader::make_chunks(std::size_t body) const {
  std::vector<Chunk> chunks((text_.size() - body + kChunkBytes - 1) / kChunkBytes + 1);
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    chunks[c].begin = std::min(body + c * kChunkBytes, text_.size());
    chunks[c].end = std::min(chunks[c].begin + kChunkBytes, text_.size());
  }
  // The last chunk is empty; its count is that of the whole body.
  parallel_for(static_cast<Index>(chunks.size()) - 1, [&](Index c) {
    const Chunk& chunk = chunks[static_cast<std::size_t>(c)];
    const std::string_view part = text_.substr(chunk.begin, chunk.end - chunk.begin);
    mien::detail::map_pages(part.data(), part.size());
    std::size_t breaks = 0;
    for (std::size_t at = part.find('\n'); at != part.npos; at = part.find('\n', at + 1)) ++breaks;
    chunks[static_cast<std::size_t>(c) + 1].breaks = breaks;
  });
  for (std::size_t c = 1; c < chunks.size(); ++c) chunks[c].breaks += chunks[c - 1].breaks;
  return chunks;
}

void Reader::read_chunk(const Chunk& chunk, std::size_t body, const CsvHeader& header, Dataset& into) const {
  std::size_t begin = chunk.begin;
  std::size_t row = chunk.breaks;
  if (begin != body && text_[begin - 1] != '\n') {  // within a line of the chunk before
    const std::size_t rest = text_.substr(begin, chunk.end - begin).find('\n');
    if (rest == std::string_view::npos) return;
    begin += rest + 1;
    ++row;
  }
  for (; begin < chunk.end && row < into.labels.size(); ++row) {
    const Line line = line_at(begin, row + 2);
    read_row(line, header, into, row);
    begin += line.text.size() + 1;
  }
}

void Reader::leave_out_other_faces(Dataset& dataset) const {
  std::size_t kept = 0;
  const std::size_t rows = dataset.labels.size();
  for (std::size_t row = 0; row < rows; ++row) {
    if (dataset.labels[row] == kOtherFace) continue;
    if (kept < row) {
      std::copy_n(dataset.pixels.data() + row * kPixels, kPixels, dataset.pixels.data() + kept * kPixels);
      dataset.labels[kept] = dataset.labels[row];
      dataset.splits[kept] = dataset.splits[row];
    }
    ++kept;
  }
  if (kept == rows) return;
  if (kept == 0) throw DataError(name_ + ": no rows but " + std::string(detail::kOtherFaces));
  dataset.pixels.resize(kept * kPixels);
  dataset.labels.resize(kept);
  dataset.splits.resize(kept);
  dataset.notes.push_back("passed over " + std::to_string(rows - kept) + " " +
                          std::string(detail::kOtherFaces));
}

/// Rows to choose a model by, where the file has none.
void hold_out(Dataset& dataset) {
  std::vector<std::uint64_t> hashes(dataset.labels.size());
  parallel_for_ranges(dataset.size(), 1024, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      hashes[static_cast<std::size_t>(i)] = detail::hold_out_hash(dataset.image(i));
    }
  });
  const Index held = detail::hold_out(hashes, dataset.labels, dataset.splits);
  const std::string why = dataset.names_splits ? "no validation rows here" : "no column named \"Usage\"";
  const std::string each = dataset.names_splits ? "each class of Training" : "each class";
  dataset.notes.push_back(held == 0 ? why + ", and too few rows of " + each + " to hold a tenth out"
                                    : why + ": " + std::to_string(held) + " rows, a tenth of " + each +
                                          ", are held out as PublicTest");
}

bool has(const Dataset& dataset, Split split) {
  return std::find(dataset.splits.begin(), dataset.splits.end(), split) != dataset.splits.end();
}

Dataset Reader::read() {
  text_ = utf8_text(text_, name_);
  drop_empty_end();
  if (text_.empty()) throw DataError(name_ + ": the file is empty");
  refuse_cr_alone();
  const Line first = line_at(0, 1);
  const CsvHeader header = detail::read_csv_header(name_, first);
  const std::size_t body = first.text.size() + 1;
  if (body >= text_.size()) throw DataError(name_ + ": no rows behind the first line");

  std::vector<Chunk> chunks = make_chunks(body);
  // When there are more lines than good rows can fit, a bad one is among those that can.
  const std::size_t rows = std::min(chunks.back().breaks + 1, (text_.size() - body) / kMinRowBytes + 1);
  Dataset dataset;
  dataset.source = name_;
  dataset.pixels.reserve(rows * kPixels);
  mien::detail::use_huge_pages(dataset.pixels.data(), rows * kPixels);
  dataset.pixels.resize(rows * kPixels);
  dataset.labels.resize(rows);
  dataset.splits.resize(rows);
  parallel_for(static_cast<Index>(chunks.size()), [&](Index c) {
    Chunk& chunk = chunks[static_cast<std::size_t>(c)];
    try {
      read_chunk(chunk, body, header, dataset);
    } catch (const DataError& error) {
      chunk.error = error.what();
    }
  });
  for (const Chunk& chunk : chunks) {
    if (!chunk.error.empty()) throw DataError(chunk.error);
  }
  leave_out_other_faces(dataset);
  dataset.names_splits = header.has_usage();
  dataset.numbers_classes = numbers_classes_;
  if (has(dataset, Split::training) && !has(dataset, Split::public_test)) hold_out(dataset);
  return dataset;
}

Dataset read_text(std::span<const std::uint8_t> bytes, const std::string& name, const CsvOptions& options) {
  return Reader({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name, options).read();
}

}  // namespace

Dataset read_fer2013_csv(const std::string& path, const CsvOptions& options) {
  const MappedFile file = MappedFile::open(path, options.max_bytes);
  const std::span<const std::byte> bytes = file.bytes();
  return parse_fer2013_csv({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, path, options);
}

Dataset parse_fer2013_csv(std::span<const std::uint8_t> bytes, const std::string& name,
                          const CsvOptions& options) {
  if (bytes.size() > options.max_bytes) {
    throw DataError(name + ": the file is larger than " + std::to_string(options.max_bytes) + " bytes");
  }
  detail::refuse_other_kinds(bytes, name);
  if (!is_gzip(bytes)) return read_text(bytes, name, options);
  const std::vector<std::uint8_t> text = gunzip(bytes, name, options.max_bytes);
  detail::refuse_other_kinds_unpacked(text, name);
  return read_text(text, name, options);
}

}  // namespace mien::data
