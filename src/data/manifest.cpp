#include "data/manifest.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <system_error>

#include "data/csv_header.hpp"
#include "data/names.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::data::detail {
namespace {

namespace fs = std::filesystem;

enum Column : std::size_t { kFile, kLabel, kSplit, kColumns };

constexpr auto kFileColumns =
    std::to_array<std::string_view>({"file", "path", "image", "filename", "filepath"});
constexpr std::size_t kLongestLine = std::size_t{1} << 16;

/// What a quoted field means by two quotes.
std::string without_doubled_quotes(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    text += field[i];
    if (field.substr(i, 2) == "\"\"") ++i;
  }
  return text;
}

class ManifestReader {
 public:
  ManifestReader(std::string_view text, const std::string& path, ClassCollector& classes)
      : text_(text, path, kLongestLine),
        path_(path),
        folder_(fs::path(path).parent_path()),
        classes_(classes) {}

  Manifest read();

 private:
  static constexpr std::size_t kAbsent = ~std::size_t{0};

  void read_header(const CsvLine& line);
  void read_row(const CsvLine& line);
  std::string file_of(const CsvLine& line, std::string_view field);

  CsvLines text_;
  const std::string& path_;
  fs::path folder_;
  ClassCollector& classes_;
  std::size_t fields_ = 0;
  std::array<std::size_t, kColumns> columns_{kAbsent, kAbsent, kAbsent};
  std::map<std::string, std::size_t> lines_;  // of files
  Manifest result_;
};

void ManifestReader::read_header(const CsvLine& line) {
  fields_ = for_each_field(path_, line, [&](std::size_t number, std::string_view field, const char* at) {
    const auto take = [&](Column column) {
      if (columns_[column] != kAbsent) fail(path_, line, at, "a second column for the same, " + shown(field));
      columns_[column] = number;
    };
    if (is_one_of(kFileColumns, field)) take(kFile);
    if (is_one_of(kLabelColumns, field)) take(kLabel);
    if (is_one_of(kSplitColumns, field)) take(kSplit);
  });
  if (columns_[kFile] == kAbsent || columns_[kLabel] == kAbsent) {
    fail(path_, line, line.begin(),
         "the first line is to name the columns: file,label or file,label,split of a manifest of pictures, or "
         "label,pixels or label,pixels,split of a table");
  }
  result_.names_splits = columns_[kSplit] != kAbsent;
}

std::string ManifestReader::file_of(const CsvLine& line, std::string_view field) {
  const std::string name = without_doubled_quotes(field);
  if (name.empty()) fail(path_, line, field.data(), "no name of a file");
  const auto [before, added] = lines_.emplace(name, line.number);
  if (!added) {
    fail(path_, line, field.data(), quote(name) + " is in line " + std::to_string(before->second) + " already");
  }
  std::error_code error;
  if (!fs::exists(folder_ / name, error))
    fail(path_, line, field.data(), "no file " + quote((folder_ / name).string()));
  return name;
}

void ManifestReader::read_row(const CsvLine& line) {
  if (trim(line.text).empty()) fail(path_, line, line.begin(), "an empty line within the table");
  std::array<std::string_view, kColumns> values;
  const std::size_t fields =
      for_each_field(path_, line, [&](std::size_t number, std::string_view value, const char*) {
        for (std::size_t column = 0; column < kColumns; ++column) {
          if (columns_[column] == number) values[column] = value;
        }
      });
  if (fields != fields_) {
    fail(path_, line, line.begin(),
         "expected " + std::to_string(fields_) + " fields, found " + std::to_string(fields));
  }
  PictureFile file;
  file.name = file_of(line, values[kFile]);
  file.path = (folder_ / file.name).string();
  file.label = classes_.add(values[kLabel],
                            [&](const std::string& what) { fail(path_, line, values[kLabel].data(), what); });
  if (result_.names_splits) {
    const std::optional<Split> split = split_named(values[kSplit]);
    if (!split) {
      fail(path_, line, values[kSplit].data(),
           "split is " + shown(values[kSplit]) + ", expected train, validation or test");
    }
    file.split = *split;
  }
  result_.files.push_back(std::move(file));
}

Manifest ManifestReader::read() {
  read_header(text_.next());
  while (!text_.done()) read_row(text_.next());
  if (result_.files.empty()) throw DataError(path_ + ": no rows behind the first line");
  return std::move(result_);
}

}  // namespace

Manifest read_manifest(std::string_view text, const std::string& path, ClassCollector& classes) {
  return ManifestReader(text, path, classes).read();
}

}  // namespace mien::data::detail
