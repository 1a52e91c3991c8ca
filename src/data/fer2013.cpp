#include "mien/data/fer2013.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <optional>
#include <string_view>

#include "core/pages.hpp"
#include "data/csv_bytes.hpp"
#include "data/csv_header.hpp"
#include "data/csv_line.hpp"
#include "data/hold_out.hpp"
#include "data/names.hpp"
#include "data/pixel_text.hpp"
#include "data/table.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"
#include "mien/data/pictures.hpp"

namespace mien::data {
namespace {

using detail::CsvHeader;
using Line = detail::CsvLine;

constexpr std::size_t kFacePixels = static_cast<std::size_t>(kImageSide * kImageSide);
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
// In place of a label, while lines are read: an expression that FER2013 does not have.
constexpr std::uint8_t kOtherFace = 255;

std::size_t edge_of_square(std::size_t pixels) {
  const auto edge = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(pixels))));
  return edge * edge == pixels ? edge : 0;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& name, const CsvOptions& options)
      : text_(text), name_(name), options_(options) {}

  /// Of FER2013, or with a collector of anything.
  Dataset read(detail::ClassCollector* any = nullptr);

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
  CsvHeader read_header(const Line& line, bool any);
  void read_chunk(const Chunk& chunk, std::size_t body, const CsvHeader& header, Dataset& into) const;
  std::array<std::string_view, detail::kCsvColumns> fields_of(const Line& line, const CsvHeader& header) const;
  void read_row(const Line& line, const CsvHeader& header, Dataset& into, std::size_t row) const;
  void count_pixels(const Line& line, const CsvHeader& header);
  void classify(detail::ClassCollector& any, Dataset& dataset) const;
  std::uint8_t read_label(const Line& line, std::string_view field) const;
  void leave_out_other_faces(Dataset& dataset) const;
  Split read_split(const Line& line, std::string_view field) const;
  void read_pixels(const Line& line, std::string_view field, std::uint8_t* out) const;

  std::string_view text_;
  const std::string& name_;
  const CsvOptions& options_;
  bool ends_with_break_ = false;
  std::size_t pixels_ = kFacePixels;                   // of a row
  bool expressions_ = true;                            // labels are FER2013's, or contempt
  mutable std::vector<std::string_view> class_names_;  // of rows, where labels are anything
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
    if (count < pixels_) count += detail::read_pixels_fast(p, end, out + count, pixels_ - count);
    p = std::find_if(p, end, [](char c) { return c != ' '; });
    if (p == end) break;
    const std::string_view token(p, std::find(p, end, ' '));
    if (count < pixels_) {
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
  if (count != pixels_) {
    fail(line, field.data(), "expected " + std::to_string(pixels_) + " pixels, found " + std::to_string(count));
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

std::array<std::string_view, detail::kCsvColumns> Reader::fields_of(const Line& line,
                                                                    const CsvHeader& header) const {
  std::array<std::string_view, detail::kCsvColumns> values;
  if (trim(line.text).empty()) fail(line, line.begin(), "an empty line within the table");
  const std::size_t fields =
      detail::for_each_field(name_, line, [&](std::size_t number, std::string_view value, const char*) {
        for (std::size_t column = 0; column < detail::kCsvColumns; ++column) {
          if (header.at[column] == number) values[column] = value;
        }
      });
  if (fields != header.fields) {
    const bool commas = fields == header.fields + pixels_ - 1;
    fail(line, line.begin(),
         "expected " + std::to_string(header.fields) + " fields, found " + std::to_string(fields) +
             (commas ? ": pixels are to have blanks between them, not commas" : ""));
  }

  return values;
}

void Reader::read_row(const Line& line, const CsvHeader& header, Dataset& into, std::size_t row) const {
  const std::array<std::string_view, detail::kCsvColumns> values = fields_of(line, header);
  if (expressions_) into.labels[row] = read_label(line, values[detail::kEmotion]);
  if (!expressions_) class_names_[row] = values[detail::kEmotion];
  into.splits[row] = header.has_usage() ? read_split(line, values[detail::kUsage]) : Split::training;
  read_pixels(line, values[detail::kPixelsColumn], into.pixels.data() + row * pixels_);
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

// From the first row.
void Reader::count_pixels(const Line& line, const CsvHeader& header) {
  const std::string_view field = fields_of(line, header)[detail::kPixelsColumn];
  pixels_ = 0;
  for (const std::string_view word : split(field, ' ')) pixels_ += word.empty() ? 0 : 1;
  const std::size_t edge = edge_of_square(pixels_);
  if (edge == 0 || edge > static_cast<std::size_t>(kLargestEdge)) {
    fail(line, field.data(),
         std::to_string(pixels_) + " pixels are not those of a square picture with edges up to " +
             std::to_string(kLargestEdge));
  }
}

// Labels are the collector's numbers of the names, or FER2013's with contempt behind them.
void Reader::classify(detail::ClassCollector& any, Dataset& dataset) const {
  if (expressions_) {
    const auto contempt = static_cast<std::uint8_t>(kClassCount);
    bool found = false;
    for (std::uint8_t& label : dataset.labels) {
      found = found || label == kOtherFace;
      if (label == kOtherFace) label = contempt;
    }
    if (found) dataset.classes.emplace_back(kContempt);
    return;
  }
  for (std::size_t row = 0; row < class_names_.size(); ++row) {
    const std::string_view name = class_names_[row];
    dataset.labels[row] = any.add(name, [&](const std::string& what) {
      const std::size_t at = static_cast<std::size_t>(name.data() - text_.data());
      const std::size_t begin = at == 0 ? 0 : text_.rfind('\n', at - 1) + 1;
      fail(line_at(begin, row + 2), name.data(), what);
    });
  }
  detail::CollectedClasses classes = any.finish(name_);
  for (std::uint8_t& label : dataset.labels) label = classes.labels[label];
  dataset.classes = std::move(classes.names);
}

void Reader::leave_out_other_faces(Dataset& dataset) const {
  std::size_t kept = 0;
  const std::size_t rows = dataset.labels.size();
  for (std::size_t row = 0; row < rows; ++row) {
    if (dataset.labels[row] == kOtherFace) continue;
    if (kept < row) {
      std::copy_n(dataset.pixels.data() + row * pixels_, pixels_, dataset.pixels.data() + kept * pixels_);
      dataset.labels[kept] = dataset.labels[row];
      dataset.splits[kept] = dataset.splits[row];
    }
    ++kept;
  }
  if (kept == rows) return;
  if (kept == 0) throw DataError(name_ + ": no rows but " + std::string(detail::kOtherFaces));
  dataset.pixels.resize(kept * pixels_);
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
                                          ", are PublicTest, the validation rows that training holds out");
}

bool has(const Dataset& dataset, Split split) {
  return std::find(dataset.splits.begin(), dataset.splits.end(), split) != dataset.splits.end();
}

CsvHeader Reader::read_header(const Line& line, bool any) {
  if (!any) return detail::read_csv_header(name_, line);
  const auto header = detail::find_table_header(name_, line);
  if (!header) fail(line, line.begin(), "no columns named \"label\" and \"pixels\"");
  expressions_ = header->expressions;
  return *header;
}

Dataset Reader::read(detail::ClassCollector* any) {
  text_ = utf8_text(text_, name_);
  drop_empty_end();
  if (text_.empty()) throw DataError(name_ + ": the file is empty");
  refuse_cr_alone();
  const Line first = line_at(0, 1);
  const CsvHeader header = read_header(first, any != nullptr);
  const std::size_t body = first.text.size() + 1;
  if (body >= text_.size()) throw DataError(name_ + ": no rows behind the first line");

  if (any != nullptr) count_pixels(line_at(body, 2), header);
  std::vector<Chunk> chunks = make_chunks(body);
  // A label, a comma, digits with a blank between: no good row is shorter. It bounds the memory that a file
  // full of line breaks can ask for: where there are more lines than good rows can fit, a bad one is among
  // those that can.
  const std::size_t least_row_bytes = 1 + 1 + pixels_ + (pixels_ - 1);
  const std::size_t rows = std::min(chunks.back().breaks + 1, (text_.size() - body) / least_row_bytes + 1);
  if (!expressions_) class_names_.resize(rows);
  Dataset dataset;
  dataset.height = dataset.width = static_cast<Index>(edge_of_square(pixels_));
  dataset.source = name_;
  dataset.pixels.reserve(rows * pixels_);
  mien::detail::use_huge_pages(dataset.pixels.data(), rows * pixels_);
  dataset.pixels.resize(rows * pixels_);
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
  if (any != nullptr) classify(*any, dataset);
  if (any == nullptr) leave_out_other_faces(dataset);
  dataset.names_splits = header.has_usage();
  dataset.numbers_classes = expressions_ ? numbers_classes_.load() : any->uses_numbers();
  if (has(dataset, Split::training) && !has(dataset, Split::public_test)) hold_out(dataset);
  return dataset;
}

}  // namespace

Dataset read_fer2013_csv(const std::string& path, const CsvOptions& options) {
  const MappedFile file = MappedFile::open(path, options.max_bytes);
  const std::span<const std::byte> bytes = file.bytes();
  return parse_fer2013_csv({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, path, options);
}

Dataset parse_fer2013_csv(std::span<const std::uint8_t> bytes, const std::string& name,
                          const CsvOptions& options) {
  return detail::with_csv_text(bytes, name, options.max_bytes,
                               [&](std::string_view text) { return Reader(text, name, options).read(); });
}

Dataset detail::read_table(std::string_view text, const std::string& name, const ClassNumbers& numbers) {
  ClassCollector collector(numbers);
  const CsvOptions options{.max_line_bytes = kLongestTableLine, .classes = numbers};
  return Reader(text, name, options).read(&collector);
}

}  // namespace mien::data
