#include "data/picture_files.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "core/stable_sort.hpp"
#include "data/hold_out.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/data/classes.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/resize.hpp"

namespace mien::data {

void check(const PictureForm& form) {
  const auto is_edge = [](Index edge) { return edge >= 1 && edge <= kLargestEdge; };
  const bool own = form.height == 0 && form.width == 0;
  if (!own && !(is_edge(form.height) && is_edge(form.width))) {
    throw ArgumentError("[pictures] a size of " + std::to_string(form.height) + " x " +
                        std::to_string(form.width) + ", edges from 1 to " + std::to_string(kLargestEdge) +
                        " are possible");
  }
  if (form.channels != 0 && form.channels != 1 && form.channels != 3) {
    throw ArgumentError("[pictures] " + std::to_string(form.channels) + " channels, expected 1 or 3");
  }
}

namespace detail {
namespace {

constexpr Index kImagesPerChunk = 64;

std::string size_text(Index height, Index width) {
  return std::to_string(width) + " x " + std::to_string(height);
}

bool has(const std::vector<PictureFile>& files, Split split) {
  return std::any_of(files.begin(), files.end(), [&](const PictureFile& file) { return file.split == split; });
}

/// Turns a tenth of each class of Training into PublicTest.
Index hold_out(std::vector<PictureFile>& files) {
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint8_t> labels;
  std::vector<Split> splits;
  for (const PictureFile& file : files) {
    hashes.push_back(
        hold_out_hash({reinterpret_cast<const std::uint8_t*>(file.name.data()), file.name.size()}));
    labels.push_back(file.label);
    splits.push_back(file.split);
  }
  const Index held = detail::hold_out(hashes, labels, splits);
  for (std::size_t i = 0; i < files.size(); ++i) files[i].split = splits[i];
  mien::detail::stable_sort(files,
                            [](const PictureFile& a, const PictureFile& b) { return a.split < b.split; });
  return held;
}

std::vector<image::GrayImage> planes_in(const std::string& path, Index channels) {
  if (channels == 1) return {image::read_gray(path)};
  const auto planes = image::planes_of(image::read_rgb(path));
  return {planes.begin(), planes.end()};
}

/// Reads all files into one form.
class PictureReader {
 public:
  PictureReader(const std::vector<PictureFile>& files, Dataset& into) : files_(files), into_(into) {}

  /// Whether all were read: with `own_size` reading ends at the first of another size.
  bool read(bool own_size);

  Index resized() const { return resized_; }
  bool colored() const { return colored_; }

 private:
  void read_one(Index i, bool own_size);

  const std::vector<PictureFile>& files_;
  Dataset& into_;
  std::atomic<Index> resized_ = 0;
  std::atomic<bool> colored_ = false;
};

bool PictureReader::read(bool own_size) {
  resized_ = 0;
  colored_ = false;
  into_.pixels.clear();
  into_.pixels.resize(files_.size() * static_cast<std::size_t>(into_.image_size()));
  std::vector<std::string> errors((files_.size() + kImagesPerChunk - 1) / kImagesPerChunk);
  parallel_for_ranges(static_cast<Index>(files_.size()), kImagesPerChunk, [&](Index begin, Index end) {
    try {
      for (Index i = begin; i < end && !(own_size && resized_ > 0); ++i) read_one(i, own_size);
    } catch (const DataError& error) {
      errors[static_cast<std::size_t>(begin / kImagesPerChunk)] = error.what();
    }
  });
  if (own_size && resized_ > 0) return false;
  for (const std::string& error : errors) {
    if (!error.empty()) throw DataError(error);
  }
  return true;
}

void PictureReader::read_one(Index i, bool own_size) {
  std::vector<image::GrayImage> planes = planes_in(files_[static_cast<std::size_t>(i)].path, into_.channels);
  if (planes[0].width != into_.width || planes[0].height != into_.height) {
    ++resized_;
    if (own_size) return;
    for (image::GrayImage& plane : planes) plane = image::resize(plane, into_.width, into_.height);
  }
  std::uint8_t* to = into_.pixels.data() + i * into_.image_size();
  for (const image::GrayImage& plane : planes) to = std::copy(plane.pixels.begin(), plane.pixels.end(), to);
  if (planes.size() == 1 || colored_) return;
  if (planes[0].pixels != planes[1].pixels || planes[0].pixels != planes[2].pixels) colored_ = true;
}

/// Of three equal planes each image keeps one.
void make_gray(Dataset& dataset) {
  const Index plane = dataset.height * dataset.width, images = static_cast<Index>(dataset.labels.size());
  for (Index i = 1; i < images; ++i) {
    std::copy_n(dataset.pixels.begin() + i * 3 * plane, plane, dataset.pixels.begin() + i * plane);
  }
  dataset.channels = 1;
  dataset.pixels.resize(static_cast<std::size_t>(images * plane));
  dataset.pixels.shrink_to_fit();
}

void note_form(const PictureForm& asked, const PictureReader& reader, bool own_size, Dataset& dataset) {
  const std::string size = size_text(dataset.height, dataset.width);
  if (own_size) dataset.notes.push_back("images are " + size + ", and stay so; --size gives another size");
  if (reader.resized() > 0) {
    dataset.notes.push_back("resized " + std::to_string(reader.resized()) + " images to " + size +
                            (asked.height == 0 ? "; --size gives another size" : ""));
  }
  if (asked.channels != 0) return;
  dataset.notes.push_back(dataset.channels == 3
                              ? "read in color, which some images have; --channels 1 makes them gray"
                              : "read in gray: no image has color");
}

}  // namespace

void arrange(std::vector<PictureFile>& files, Dataset& into) {
  mien::detail::stable_sort(files, [](const PictureFile& a, const PictureFile& b) {
    return std::pair(a.split, a.label) < std::pair(b.split, b.label);
  });
  if (has(files, Split::training) && !has(files, Split::public_test)) {
    const Index held = hold_out(files);
    const std::string each = into.names_splits ? "each class of train" : "each class";
    into.notes.push_back(held == 0
                             ? "no validation images here, and too few of " + each + " to hold a tenth out"
                             : "no validation images here: " + std::to_string(held) + " images, a tenth of " +
                                   each + ", are PublicTest, the validation images that training holds out");
  }
  for (const PictureFile& file : files) {
    into.labels.push_back(file.label);
    into.splits.push_back(file.split);
    into.files.push_back(file.path);
  }
}

void read_pictures(const std::vector<PictureFile>& files, PictureForm form, Dataset& into) {
  const PictureForm asked = form;
  if (are_expressions(into.classes)) {
    if (form.channels == 0) form.channels = 1;
    if (form.height == 0) form.height = form.width = kImageSide;
    if (asked.channels == 0 || asked.height == 0) {
      into.notes.push_back("expressions are read as " + std::string(form.channels == 1 ? "gray" : "color") +
                           " images of " + size_text(form.height, form.width) +
                           "; --channels and --size say otherwise");
    }
  }
  PictureReader reader(files, into);
  into.channels = form.channels == 0 ? 3 : form.channels;
  bool own_size = form.height == 0;
  if (own_size) {
    const image::GrayImage first = image::read_gray(files.front().path);
    own_size = std::max(first.width, first.height) <= kLargestOwnEdge;
    into.height = first.height;
    into.width = first.width;
    if (own_size) own_size = reader.read(true);
    if (!own_size) form.height = form.width = kImageSide;
  }
  if (!own_size) {
    into.height = form.height;
    into.width = form.width;
    reader.read(false);
  }
  if (form.channels == 0 && !reader.colored()) make_gray(into);
  note_form({.height = asked.height, .width = asked.width, .channels = form.channels}, reader, own_size, into);
}

void bring_into(const PictureForm& form, Dataset& dataset) {
  const Index height = form.height == 0 ? dataset.height : form.height;
  const Index width = form.width == 0 ? dataset.width : form.width,
              channels = std::max<Index>(form.channels, 1);
  if (height == dataset.height && width == dataset.width && channels == 1) return;
  const Index images = dataset.size(), plane = height * width;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(images * channels * plane));
  parallel_for(images, [&](Index i) {
    const auto own = dataset.image(i);
    const image::GrayImage scaled =
        image::resize({dataset.width, dataset.height, {own.begin(), own.end()}}, width, height);
    for (Index c = 0; c < channels; ++c) {
      std::copy(scaled.pixels.begin(), scaled.pixels.end(), pixels.begin() + (i * channels + c) * plane);
    }
  });
  if (height != dataset.height || width != dataset.width) {
    dataset.notes.push_back("resized " + std::to_string(images) + " images to " + size_text(height, width));
  }
  dataset.pixels = std::move(pixels);
  dataset.height = height;
  dataset.width = width;
  dataset.channels = channels;
}

}  // namespace detail
}  // namespace mien::data
