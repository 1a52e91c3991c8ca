#include "mien/data/folders.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "data/class_collector.hpp"
#include "data/names.hpp"
#include "data/picture_files.hpp"
#include "mien/core/error.hpp"
#include "mien/core/folder.hpp"
#include "mien/core/text.hpp"
#include "mien/image/decode.hpp"

namespace mien::data {
namespace {

namespace fs = std::filesystem;

using detail::PictureFile;

// What systems leave in folders, in small letters; hidden files beside.
constexpr auto kClutter = std::to_array<std::string_view>({"__macosx", "thumbs.db", "desktop.ini", "@eadir"});

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw DataError(path.string() + ": " + what);
}

std::string name_of(const fs::path& folder) {
  return folder.filename().string();
}

[[noreturn]] void fail_unknown(const fs::path& folder, std::string_view expected) {
  fail(folder, "unknown folder " + quote(name_of(folder)) + ", expected " + std::string(expected));
}

Split split_of(const fs::path& folder) {
  if (const auto split = detail::split_named(name_of(folder))) return *split;
  fail_unknown(folder, "train or training; val, valid, validation or public_test; test or private_test");
}

bool is_clutter(const fs::path& path) {
  const std::string name = lower(name_of(path));
  return name.starts_with('.') || std::find(kClutter.begin(), kClutter.end(), name) != kClutter.end();
}

// What lies in a folder, sorted by the bytes of the names.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries = list_folder(folder, error);
  if (error) fail(folder, error.message());
  std::erase_if(entries, is_clutter);
  std::sort(entries.begin(), entries.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return entries;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// The files of a data set, and what lies in its folders and is not read.
class Listing {
 public:
  /// With a collector any folder is a class.
  explicit Listing(const ClassNumbers& numbers, detail::ClassCollector* any = nullptr)
      : numbers_(numbers), any_(any) {}

  void read(const fs::path& root);
  std::vector<std::string> notes() const;

  std::vector<PictureFile> files;
  bool names_splits = true;
  bool numbers_classes = false;

 private:
  std::vector<fs::path> folders_in(const fs::path& folder);
  bool is_split(const fs::path& folder) const;
  bool is_class(const fs::path& folder) const;
  void add_splits(const std::vector<fs::path>& folders);
  void add_class(const fs::path& folder, Split split);
  void add_images(const fs::path& folder, Split split, std::optional<std::uint8_t> label);

  const ClassNumbers& numbers_;
  detail::ClassCollector* any_;
  Index other_files_ = 0;
  Index outside_ = 0;      // images that lie in no class folder
  Index nested_ = 0;       // folders within class folders
  Index other_faces_ = 0;  // images of an expression that FER2013 does not have
};

std::vector<std::string> Listing::notes() const {
  std::vector<std::string> notes;
  const auto add = [&](Index count, std::string_view what) {
    if (count > 0) notes.push_back("passed over " + std::to_string(count) + " " + std::string(what));
  };
  add(other_files_, "files that are not images");
  add(outside_, "images that are in no class folder");
  add(nested_, "folders within class folders");
  add(other_faces_, detail::kOtherFaces);
  if (any_ != nullptr && numbers_classes) notes.push_back("numbers of classes are " + numbers_.to_string());
  if (any_ == nullptr && numbers_classes) {
    notes.push_back("class folders are numbers, taken as " + numbers_.to_string() +
                    (numbers_.words().empty() ? ": FER2013's order; --classes gives another" : ""));
  }
  return notes;
}

std::vector<fs::path> Listing::folders_in(const fs::path& folder) {
  std::vector<fs::path> entries = entries_of(folder);
  std::erase_if(entries, [&](const fs::path& path) {
    if (is_folder(path)) return false;
    if (image::is_image_name(path)) ++outside_;
    return true;
  });
  return entries;
}

// A class may be called as a split is; but classes do not lie in it.
bool Listing::is_split(const fs::path& folder) const {
  if (!detail::split_named(name_of(folder))) return false;
  if (any_ == nullptr) return true;
  const std::vector<fs::path> entries = entries_of(folder);
  return entries.empty() || std::any_of(entries.begin(), entries.end(), is_folder);
}

bool Listing::is_class(const fs::path& folder) const {
  if (any_ != nullptr) return !is_split(folder);
  const std::string name = name_of(folder);
  return detail::class_named(name) || detail::class_number(name) || detail::is_other_expression(name);
}

void Listing::add_images(const fs::path& folder, Split split, std::optional<std::uint8_t> label) {
  for (const fs::path& path : entries_of(folder)) {
    if (is_folder(path)) {
      ++nested_;
    } else if (!image::is_image_name(path)) {
      ++other_files_;
    } else if (!label) {
      ++other_faces_;
    } else {
      files.push_back({path.string(), name_of(folder) + "/" + name_of(path), *label, split});
    }
  }
}

void Listing::add_class(const fs::path& folder, Split split) {
  const std::string name = name_of(folder);
  if (any_ != nullptr) {
    const std::uint8_t label = any_->add(name, [&](const std::string& what) { fail(folder, what); });
    numbers_classes = any_->uses_numbers();
    return add_images(folder, split, label);
  }
  if (const auto label = detail::class_named(name)) return add_images(folder, split, label);
  if (detail::is_other_expression(name)) return add_images(folder, split, std::nullopt);
  const std::optional<unsigned> number = detail::class_number(name);
  if (number && (numbers_.label(*number) || numbers_.is_other(*number))) {
    numbers_classes = true;
    return add_images(folder, split, numbers_.label(*number));
  }
  if (number)
    fail_unknown(folder, "a name, or one of " + numbers_.to_string() + "; --classes says what numbers mean");
  fail_unknown(folder, std::string(detail::known_classes()) + "; --data takes any classes");
}

[[noreturn]] void fail_without_images(const fs::path& folder, Index others) {
  const std::string instead = others == 0 ? ""
                                          : ", only " + std::to_string(others) + " files of other kinds than " +
                                                image::readable_formats();
  fail(folder, "no images in class folders here" + instead);
}

void Listing::add_splits(const std::vector<fs::path>& folders) {
  std::map<Split, fs::path> seen;
  for (const fs::path& split_folder : folders) {
    const Split split = split_of(split_folder);
    const auto [other, added] = seen.emplace(split, split_folder.filename());
    if (!added) {
      fail(split_folder,
           quote(other->second.string()) + " stands for " + std::string(split_name(split)) + " too");
    }
    const std::size_t before = files.size();
    const Index others_before = other_files_;
    for (const fs::path& class_folder : folders_in(split_folder)) add_class(class_folder, split);
    if (files.size() == before) fail_without_images(split_folder, other_files_ - others_before);
  }
}

void Listing::read(const fs::path& root) {
  const std::vector<fs::path> folders = folders_in(root);
  const auto is_split = [&](const fs::path& folder) { return this->is_split(folder); };
  const auto is_class = [&](const fs::path& folder) { return this->is_class(folder); };
  names_splits = std::any_of(folders.begin(), folders.end(), is_split) ||
                 std::none_of(folders.begin(), folders.end(), is_class);
  if (names_splits) {
    add_splits(folders);
  } else {
    for (const fs::path& folder : folders) add_class(folder, Split::training);
  }
  if (any_ != nullptr && folders.empty()) {
    fail(root, "no folders here, neither of classes nor train, validation or test" +
                   (outside_ == 0
                        ? ""
                        : "; " + std::to_string(outside_) + (outside_ == 1 ? " image lies" : " images lie") +
                              " here: name the folder above"));
  }
  if (files.empty() && names_splits) fail(root, "no folder named train, validation or test here");
  if (files.empty()) fail_without_images(root, other_files_);
}

/// Lists the folders, and reads what has been listed once its classes are known.
template <typename Classify>
Dataset read_listed(const std::string& root, Listing& listing, const PictureForm& form, Classify classify) {
  listing.read(root);
  Dataset dataset;
  dataset.source = root;
  classify(listing.files, dataset);
  dataset.notes = listing.notes();
  dataset.names_splits = listing.names_splits;
  dataset.numbers_classes = listing.numbers_classes;
  detail::arrange(listing.files, dataset);
  detail::read_pictures(listing.files, form, dataset);
  return dataset;
}

}  // namespace

Dataset read_image_folders(const std::string& root, const ClassNumbers& numbers) {
  Listing listing(numbers);
  return read_listed(root, listing, detail::kFaceForm, [](const auto&, Dataset&) {});
}

Dataset read_picture_folders(const std::string& root, const ClassNumbers& numbers, const PictureForm& form) {
  check(form);
  detail::ClassCollector collector(numbers);
  Listing listing(numbers, &collector);
  return read_listed(root, listing, form, [&](std::vector<PictureFile>& files, Dataset& dataset) {
    detail::CollectedClasses classes = collector.finish(root);
    for (PictureFile& file : files) file.label = classes.labels[file.label];
    dataset.classes = std::move(classes.names);
  });
}

}  // namespace mien::data
