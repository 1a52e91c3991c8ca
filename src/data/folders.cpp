#include "mien/data/folders.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/resize.hpp"

namespace mien::data {
namespace {

namespace fs = std::filesystem;

constexpr Index kImagesPerChunk = 64;

template <typename Value>
struct Word {
  std::string_view word;
  Value value;
};

// Spelled as normalized() leaves a name.
constexpr auto kSplitWords = std::to_array<Word<Split>>({{"train", Split::training},
                                                         {"training", Split::training},
                                                         {"val", Split::public_test},
                                                         {"valid", Split::public_test},
                                                         {"validation", Split::public_test},
                                                         {"publictest", Split::public_test},
                                                         {"test", Split::private_test},
                                                         {"privatetest", Split::private_test}});

// In the alphabet neutral stands before sad, in FER2013 behind surprise: labels go by name, never by order.
constexpr auto kClassWords = std::to_array<Word<std::uint8_t>>(
    {{"angry", 0},   {"anger", 0},    {"disgust", 1},   {"disgusted", 1}, {"fear", 2},       {"fearful", 2},
     {"afraid", 2},  {"scared", 2},   {"happy", 3},     {"happiness", 3}, {"joy", 3},        {"sad", 4},
     {"sadness", 4}, {"surprise", 5}, {"surprised", 5}, {"neutral", 6},   {"neutrality", 6}, {"0", 0},
     {"1", 1},       {"2", 2},        {"3", 3},         {"4", 4},         {"5", 5},          {"6", 6}});

constexpr auto kImageEndings = std::to_array<std::string_view>({".png", ".jpg", ".jpeg", ".bmp"});

struct ImageFile {
  std::string path;
  std::string name;  // below its split folder: the same wherever the data set lies
  std::uint8_t label = 0;
  Split split = Split::training;
};

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw DataError(path.string() + ": " + what);
}

std::string normalized(std::string name) {
  std::erase_if(name, [](char c) { return c == '_' || c == '-' || c == ' '; });
  return lower(std::move(name));
}

template <typename Words>
auto meaning(const fs::path& folder, const Words& words, const std::string& known) {
  const std::string name = folder.filename().string();
  const auto* const found =
      std::find_if(words.begin(), words.end(), [&](const auto& w) { return w.word == normalized(name); });
  if (found == words.end()) fail(folder, "unknown folder " + quote(name) + ", expected " + known);
  return found->value;
}

Split split_of(const fs::path& folder) {
  return meaning(folder, kSplitWords,
                 "train or training; val, valid, validation or public_test; test or private_test");
}

std::uint8_t label_of(const fs::path& folder) {
  std::string known;
  for (const std::string_view name : kClassNames) known += (known.empty() ? "" : ", ") + std::string(name);
  return meaning(folder, kClassWords, known);
}

// What lies in a folder, sorted by the bytes of the names, without hidden entries.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!at->path().filename().string().starts_with('.')) entries.push_back(at->path());
  }
  if (error) fail(folder, error.message());
  std::sort(entries.begin(), entries.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return entries;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_image(const fs::path& path) {
  const std::string ending = lower(path.extension().string());
  return std::find(kImageEndings.begin(), kImageEndings.end(), ending) != kImageEndings.end();
}

/// What lies in a data set's folders and is not read.
struct PassedOver {
  Index others = 0;   ///< files that are not images
  Index outside = 0;  ///< images that lie in no class folder
  Index nested = 0;   ///< folders within class folders
};

void add_notes(const PassedOver& passed, std::vector<std::string>& notes) {
  const auto add = [&](Index count, const char* what) {
    if (count > 0) notes.push_back("passed over " + std::to_string(count) + " " + what);
  };
  add(passed.others, "files that are not images");
  add(passed.outside, "images that are in no class folder");
  add(passed.nested, "folders within class folders");
}

std::vector<fs::path> folders_in(const fs::path& folder, PassedOver& passed) {
  std::vector<fs::path> entries = entries_of(folder);
  std::erase_if(entries, [&](const fs::path& path) {
    if (is_folder(path)) return false;
    if (is_image(path)) ++passed.outside;
    return true;
  });
  return entries;
}

void add_images(const fs::path& folder, Split split, std::uint8_t label, std::vector<ImageFile>& files,
                PassedOver& passed) {
  for (const fs::path& path : entries_of(folder)) {
    if (is_folder(path)) {
      ++passed.nested;
    } else if (!is_image(path)) {
      ++passed.others;
    } else {
      const std::string name = folder.filename().string() + "/" + path.filename().string();
      files.push_back({path.string(), name, label, split});
    }
  }
}

std::vector<ImageFile> list_images(const fs::path& root, std::vector<std::string>& notes) {
  std::vector<ImageFile> files;
  std::map<Split, fs::path> seen;
  PassedOver passed;
  for (const fs::path& split_folder : folders_in(root, passed)) {
    const Split split = split_of(split_folder);
    const auto [other, added] = seen.emplace(split, split_folder.filename());
    if (!added) {
      fail(split_folder,
           quote(other->second.string()) + " stands for " + std::string(split_name(split)) + " too");
    }
    const std::size_t before = files.size();
    for (const fs::path& class_folder : folders_in(split_folder, passed)) {
      add_images(class_folder, split, label_of(class_folder), files, passed);
    }
    if (files.size() == before) fail(split_folder, "no images in class folders here");
  }
  if (files.empty()) fail(root, "no folder named train, validation or test here");
  add_notes(passed, notes);
  std::stable_sort(files.begin(), files.end(), [](const ImageFile& a, const ImageFile& b) {
    return std::pair(a.split, a.label) < std::pair(b.split, b.label);
  });
  return files;
}

// FNV-1a, 64 bits, and a last mixing: its upper bits alone hardly depend on the last letters.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93u;
  return hash ^ (hash >> 32);
}

/// Turns a tenth of each class of Training into PublicTest.
Index hold_out(std::vector<ImageFile>& files) {
  Index held = 0;
  for (std::size_t label = 0; label < kClassCount; ++label) {
    std::vector<std::pair<std::uint64_t, std::size_t>> order;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i].split == Split::training && files[i].label == label) {
        order.emplace_back(hash_of(files[i].name), i);
      }
    }
    std::sort(order.begin(), order.end());
    order.resize((order.size() + 5) / 10);
    for (const auto& [hash, i] : order) files[i].split = Split::public_test;
    held += static_cast<Index>(order.size());
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const ImageFile& a, const ImageFile& b) { return a.split < b.split; });
  return held;
}

bool has(const std::vector<ImageFile>& files, Split split) {
  return std::any_of(files.begin(), files.end(), [&](const ImageFile& file) { return file.split == split; });
}

/// Fills image `i`; returns whether its size had to be changed.
bool read_image(const ImageFile& file, Index i, Dataset& into) {
  image::GrayImage picture = image::read_gray(file.path);
  const bool resized = picture.width != into.width || picture.height != into.height;
  if (resized) picture = image::resize(picture, into.width, into.height);
  std::copy(picture.pixels.begin(), picture.pixels.end(), into.pixels.begin() + i * into.image_size());
  into.labels[static_cast<std::size_t>(i)] = file.label;
  into.splits[static_cast<std::size_t>(i)] = file.split;
  return resized;
}

void read_images(const std::vector<ImageFile>& files, Dataset& into) {
  const Index size = static_cast<Index>(files.size());
  into.pixels.resize(files.size() * static_cast<std::size_t>(into.image_size()));
  into.labels.resize(files.size());
  into.splits.resize(files.size());
  std::vector<std::string> errors((files.size() + kImagesPerChunk - 1) / kImagesPerChunk);
  std::atomic<Index> resized = 0;
  parallel_for_ranges(size, kImagesPerChunk, [&](Index begin, Index end) {
    try {
      for (Index i = begin; i < end; ++i) resized += read_image(files[static_cast<std::size_t>(i)], i, into);
    } catch (const DataError& error) {
      errors[static_cast<std::size_t>(begin / kImagesPerChunk)] = error.what();
    }
  });
  for (const std::string& error : errors) {
    if (!error.empty()) throw DataError(error);
  }
  if (resized > 0) into.notes.push_back("resized " + std::to_string(resized) + " images to 48 x 48");
}

}  // namespace

Dataset read_image_folders(const std::string& root) {
  Dataset dataset;
  dataset.source = root;
  std::vector<ImageFile> files = list_images(root, dataset.notes);
  if (has(files, Split::training) && !has(files, Split::public_test)) {
    const Index held = hold_out(files);
    dataset.notes.push_back("no validation images here: " + std::to_string(held) +
                            " images, a tenth of each class of train, are held out as PublicTest");
  }
  read_images(files, dataset);
  return dataset;
}

}  // namespace mien::data
