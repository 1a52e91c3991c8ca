#include "mien/data/fer2013.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/pages.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"
#include "mien/data/gzip.hpp"

namespace mien::data {
namespace {

constexpr std::size_t kPixels = static_cast<std::size_t>(kImageSide * kImageSide);
// A label, two commas, 2,304 digits with a blank between: no good row is shorter. It bounds the memory that
// a file full of line breaks can ask for.
constexpr std::size_t kMinRowBytes = 1 + 2 + kPixels + (kPixels - 1);
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kShownCharacters = 24;

/// One line without its line break, and where it is.
struct Line {
  std::string_view text;
  std::size_t number = 1;
  bool unfinished = false;  // the end of the file came before a line break
};

enum Column : std::size_t { kEmotion, kPixelsColumn, kUsage, kColumns };
constexpr std::array<std::string_view, kColumns> kColumnNames{"emotion", "pixels", "Usage"};

/// Where each column stands in a row.
struct Header {
  std::size_t fields = 0;
  std::array<std::size_t, kColumns> at{};
};

// Unlike trim, keeps the place of an empty text.
std::string_view without_end_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string shown(std::string_view value) {
  if (value.empty()) return "empty";
  const bool number = value.find_first_not_of("0123456789.+-") == std::string_view::npos;
  return number && value.size() <= kShownCharacters ? std::string(value) : quote(value, kShownCharacters);
}

/// An integer 0 .. limit of at most three digits and nothing else.
std::optional<std::uint8_t> parse_small(std::string_view digits, unsigned limit) {
  if (digits.empty() || digits.size() > 3) return std::nullopt;
  unsigned value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > limit) return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

/// The number whose digits fill the lower `bits` of `digits`, 8 for each, the first digit lowest.
std::uint32_t number(std::uint64_t digits, int bits) {
  const auto aligned = static_cast<std::uint32_t>(digits) << (32 - bits);
  return (aligned >> 24) + 10 * ((aligned >> 16) & 255) + 100 * ((aligned >> 8) & 255);
}

/// Reads pixels written with exactly one blank behind each, until `count` are read or something else comes.
/// Two at a time and without a branch on the number of digits: two always fit eight bytes. Returns how many
/// were read.
std::size_t read_pixels_fast(const char*& p, const char* end, std::uint8_t* out, std::size_t count) {
  if constexpr (std::endian::native != std::endian::little) return 0;
  std::size_t i = 0;
  for (; i + 2 <= count && end - p >= 8; i += 2) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    const std::uint64_t digits = word ^ 0x3030303030303030u;
    // The top bit of each byte that is not 0 .. 9.
    const std::uint64_t low = digits & 0x7f7f7f7f7f7f7f7fu;
    const std::uint64_t others = ((low + 0x7676767676767676u) | digits) & 0x8080808080808080u;
    const std::uint64_t others_behind = others & (others - 1);
    if (others_behind == 0) break;
    const int first = std::countr_zero(others) & ~7;  // 8 for each digit
    const int both = std::countr_zero(others_behind) & ~7;
    const int second = both - first - 8;
    if (first == 0 || first > 24 || second == 0 || second > 24) break;
    const std::uint32_t a = number(digits, first);
    const std::uint32_t b = number(digits >> (first + 8), second);
    if (a > 255 || b > 255 || ((word >> first) & 255) != ' ' || ((word >> both) & 255) != ' ') break;
    out[i] = static_cast<std::uint8_t>(a);
    out[i + 1] = static_cast<std::uint8_t>(b);
    p += both / 8 + 1;
  }
  return i;
}

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

  [[noreturn]] void fail(const Line& line, const char* at, const std::string& what) const;
  void skip_byte_order_mark();
  void drop_empty_end();
  Line line_at(std::size_t begin, std::size_t number) const;
  std::string_view next_field(const Line& line, const char*& at) const;
  Header read_header(const Line& line) const;
  std::vector<Chunk> make_chunks(std::size_t body) const;
  void read_chunk(const Chunk& chunk, std::size_t body, const Header& header, Dataset& into) const;
  void read_row(const Line& line, const Header& header, Dataset& into, std::size_t row) const;
  void read_pixels(const Line& line, std::string_view field, std::uint8_t* out) const;

  std::string_view text_;
  const std::string& name_;
  const CsvOptions& options_;
  bool ends_with_break_ = false;
};

void Reader::fail(const Line& line, const char* at, const std::string& what) const {
  const std::size_t zero = line.text.find('\0');
  const bool binary = zero != std::string_view::npos;
  const std::size_t column = binary ? zero : static_cast<std::size_t>(at - line.text.data());
  std::string text = name_ + ":" + std::to_string(line.number) + ":" + std::to_string(column + 1) + ": ";
  text += binary ? "a zero byte: this is not a text file" : what;
  if (line.unfinished && !binary) text += " (the file ends within this line: it may be cut short)";
  throw DataError(text);
}

void Reader::skip_byte_order_mark() {
  if (text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff")) {
    throw DataError(name_ + ": the text is UTF-16, save it as UTF-8");
  }
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
}

void Reader::drop_empty_end() {
  const std::size_t last = text_.find_last_not_of(" \t\r\n");
  const std::size_t size = last == std::string_view::npos ? 0 : last + 1;
  ends_with_break_ = text_.find('\n', size) != std::string_view::npos;
  text_ = text_.substr(0, size);
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

// What the field at `at` holds, without blanks and quotes around. Moves `at` to the comma behind it or to
// the end of the line. Doubled quotes within stay doubled: no value that is accepted has any.
std::string_view Reader::next_field(const Line& line, const char*& at) const {
  const char* const end = line.text.data() + line.text.size();
  while (at != end && (*at == ' ' || *at == '\t')) ++at;
  const char* const begin = at;
  if (at == end || *at != '"') {
    at = std::find(at, end, ',');
    return without_end_blanks({begin, at});
  }
  for (++at; at != end && (*at != '"' || (at + 1 != end && at[1] == '"')); ++at) at += *at == '"';
  if (at == end) fail(line, begin, "the quote that opens here is not closed on this line");
  const std::string_view content(std::find_if(begin + 1, at, [](char c) { return c != ' '; }), at);
  const char* const after = std::find(++at, end, ',');
  if (!trim({at, after}).empty()) fail(line, at, "expected a comma behind the closing quote");
  at = after;
  return without_end_blanks(content);
}

Header Reader::read_header(const Line& line) const {
  constexpr std::size_t kAbsent = ~std::size_t{0};
  Header header;
  header.at.fill(kAbsent);
  std::string found;
  const char* const end = line.text.data() + line.text.size();
  for (const char* at = line.text.data();; ++at) {
    const char* const begin = at;
    const std::string_view name = next_field(line, at);
    for (std::size_t column = 0; column < kColumns; ++column) {
      if (!same_word(name, kColumnNames[column])) continue;
      if (header.at[column] != kAbsent) fail(line, begin, "a second column named " + quote(name));
      header.at[column] = header.fields;
    }
    if (header.fields < 8) found += (found.empty() ? "" : ", ") + quote(name, kShownCharacters);
    ++header.fields;
    if (at == end) break;
  }
  if (header.fields > 8) found += ", ...";
  for (std::size_t column = 0; column < kColumns; ++column) {
    if (header.at[column] == kAbsent) {
      fail(line, line.text.data(),
           "no column named " + quote(kColumnNames[column]) + ", the first line has " + found);
    }
  }
  return header;
}

void Reader::read_pixels(const Line& line, std::string_view field, std::uint8_t* out) const {
  const char* const end = field.data() + field.size();
  const char* p = field.data();
  std::size_t count = 0;
  while (true) {
    if (count < kPixels) count += read_pixels_fast(p, end, out + count, kPixels - count);
    p = std::find_if(p, end, [](char c) { return c != ' '; });
    if (p == end) break;
    const std::string_view token(p, std::find(p, end, ' '));
    if (count < kPixels) {
      const std::optional<std::uint8_t> value = parse_small(token, 255);
      if (!value) {
        fail(line, p,
             "pixel " + std::to_string(count + 1) + " is " + shown(token) + ", expected an integer 0 to 255");
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

void Reader::read_row(const Line& line, const Header& header, Dataset& into, std::size_t row) const {
  std::array<std::string_view, kColumns> values;
  const char* const end = line.text.data() + line.text.size();
  if (trim(line.text).empty()) fail(line, line.text.data(), "an empty line within the table");
  std::size_t fields = 0;
  for (const char* at = line.text.data();; ++at) {
    const std::string_view value = next_field(line, at);
    for (std::size_t column = 0; column < kColumns; ++column) {
      if (header.at[column] == fields) values[column] = value;
    }
    ++fields;
    if (at == end) break;
  }
  if (fields != header.fields) {
    fail(line, line.text.data(),
         "expected " + std::to_string(header.fields) + " fields, found " + std::to_string(fields));
  }

  const std::optional<std::uint8_t> label = parse_small(values[kEmotion], kClassCount - 1);
  if (!label) {
    fail(line, values[kEmotion].data(),
         "emotion is " + shown(values[kEmotion]) + ", expected an integer 0 to 6");
  }
  const auto* const split = std::find_if(kSplitNames.begin(), kSplitNames.end(), [&](std::string_view name) {
    return same_word(name, values[kUsage]);
  });
  if (split == kSplitNames.end()) {
    fail(line, values[kUsage].data(),
         "Usage is " + shown(values[kUsage]) + ", expected Training, PublicTest or PrivateTest");
  }
  read_pixels(line, values[kPixelsColumn], into.pixels.data() + row * kPixels);
  into.labels[row] = *label;
  into.splits[row] = static_cast<Split>(split - kSplitNames.begin());
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

void Reader::read_chunk(const Chunk& chunk, std::size_t body, const Header& header, Dataset& into) const {
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

Dataset Reader::read() {
  skip_byte_order_mark();
  drop_empty_end();
  if (text_.empty()) throw DataError(name_ + ": the file is empty");
  const Line first = line_at(0, 1);
  const Header header = read_header(first);
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
  return dataset;
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
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
  if (!is_gzip(bytes)) return Reader(as_text(bytes), name, options).read();
  const std::vector<std::uint8_t> text = gunzip(bytes, name, options.max_bytes);
  return Reader(as_text(text), name, options).read();
}

}  // namespace mien::data
