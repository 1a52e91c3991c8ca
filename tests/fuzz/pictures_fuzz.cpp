// Any bytes, plain or packed, as what `fertrain --data` is given beside four pictures: a manifest of them or a
// table. The reader throws DataError or gives a data set that is whole, in whatever form it is asked for, and
// the same as often as it is asked.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"
#include "mien/data/open.hpp"

namespace {

namespace fs = std::filesystem;
using mien::data::ClassNumbers;
using mien::data::Dataset;
using mien::data::PictureForm;

void expect(bool holds) {
  if (!holds) std::abort();
}

// A folder of its own with gray and colored pictures, of which two have one size, and what is no picture.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("pictures-fuzz-" + std::to_string(getpid()))) {
    write("a.pgm", 6, 4, 1);
    write("b.pgm", 70, 3, 1);
    write("in/c.ppm", 6, 4, 3);
    write("in/d,\".pgm", 1, 1, 1);
    mien::write_file_atomically(path_ / "e", std::string_view("no picture"));
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string manifest() const { return (path_ / "list.csv").string(); }

 private:
  void write(const char* name, int width, int height, int channels) const {
    const fs::path path = path_ / name;
    fs::create_directories(path.parent_path());
    std::string bytes =
        (channels == 3 ? "P6 " : "P5 ") + std::to_string(width) + " " + std::to_string(height) + " 255\n";
    for (int i = 0; i < width * height * channels; ++i) bytes += static_cast<char>(i * 37);
    mien::write_file_atomically(path, bytes);
  }

  fs::path path_;
};

void check(const Dataset& dataset, const PictureForm& form) {
  const std::size_t size = dataset.labels.size();
  expect(size > 0 && dataset.splits.size() == size);
  expect(dataset.pixels.size() == size * static_cast<std::size_t>(dataset.image_size()));
  expect(dataset.channels == 1 || dataset.channels == 3);
  expect(form.height == 0 || (dataset.height == form.height && dataset.width == form.width));
  expect(form.channels == 0 || dataset.channels == form.channels);
  expect(dataset.height >= 1 && dataset.height <= mien::data::kLargestEdge);
  expect(dataset.width >= 1 && dataset.width <= mien::data::kLargestEdge);
  const std::set<std::string> names(dataset.classes.begin(), dataset.classes.end());
  expect(!names.empty() && names.size() == dataset.classes.size() && names.size() <= mien::data::kMostClasses);
  for (const std::string& name : names) expect(!name.empty() && mien::is_printable(name));
  for (const std::uint8_t label : dataset.labels) expect(label < names.size());
  for (const mien::data::Split split : dataset.splits) {
    expect(static_cast<std::size_t>(split) < mien::data::kSplitCount);
  }
}

std::optional<Dataset> open(const std::string& path, const ClassNumbers& numbers, const PictureForm& form) {
  try {
    Dataset dataset = mien::data::open_pictures(path, numbers, form);
    check(dataset, form);
    return dataset;
  } catch (const mien::DataError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool one_thread = (mien::set_thread_count(1), true);
  static_cast<void>(one_thread);
  static const Folder folder;
  static const auto named =
      ClassNumbers::parse_any(std::array<std::string, 3>{"1=cat", "dog", "happy"});  // 1 cat, 2 dog, 3 happy
  const std::string path = folder.manifest();
  mien::write_file_atomically(path, {reinterpret_cast<const char*>(data), size});
  const std::optional<Dataset> own = open(path, {}, {});
  const std::optional<Dataset> scaled = open(path, {}, {.height = 5, .width = 3, .channels = 3});
  open(path, named, {.channels = 1});
  // Asked for one form or another, the same rows stand in the file, and pictures can be read or not.
  expect(own.has_value() == scaled.has_value());
  if (!own) return 0;
  expect(own->classes == scaled->classes && own->names_splits == scaled->names_splits);
  expect(own->labels == scaled->labels && own->splits == scaled->splits);
  return 0;
}
