#include "mien/data/face_photos.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <system_error>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/folder.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/text.hpp"
#include "mien/image/decode.hpp"

namespace mien::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxManifestBytes = std::size_t{64} << 20;
constexpr std::size_t kFields = 7 + 2 * kFacePoints;
constexpr float kUnmarked = std::numeric_limits<float>::quiet_NaN();
// Pixels that a mark may lie outside of any photo, so that arithmetic with it stays exact enough.
constexpr double kFarthest = 1 << 20;

// Neighbors in the order of names may show the same scene: whole runs of them are held out.
constexpr std::size_t kRun = 20, kRunsPerHeldOut = 10;

// One line, naming itself in errors.
class ManifestLine {
 public:
  ManifestLine(std::string_view line, std::string where) : where_(std::move(where)) {
    // Counted first: a line of nothing but tabs would need much more memory than the manifest itself.
    const auto fields = static_cast<std::size_t>(std::count(line.begin(), line.end(), '\t')) + 1;
    if (fields != kFields) {
      fail("expected " + std::to_string(kFields) + " fields with tabs between them, found " +
           std::to_string(fields));
    }
    fields_ = split(line, '\t');
  }

  std::string photo() const {
    const std::string name(fields_[0]);
    const fs::path path(name);
    const bool leaves = std::find(path.begin(), path.end(), "..") != path.end();
    if (name.empty() || path.is_absolute() || leaves || !is_printable(name)) {
      fail("photo " + quote(name) + ", expected a path below the manifest's folder");
    }
    return path.lexically_normal().generic_string();
  }
  Index extent(std::size_t field) const {
    const auto value = parse_index(fields_[field]);
    if (!value || *value < 1) fail("width or height " + quote(fields_[field]) + ", expected whole pixels");
    return *value;
  }
  MarkedFace face(Index width, Index height) const {
    MarkedFace face;
    face.left = number(3), face.top = number(4), face.right = number(5), face.bottom = number(6);
    if (!(face.right > face.left && face.bottom > face.top)) fail("a box without an area");
    if (face.right <= 0 || face.bottom <= 0 || face.left >= static_cast<float>(width) ||
        face.top >= static_cast<float>(height)) {
      fail("a box outside of the photo");
    }
    for (std::size_t i = 0; i < kFacePoints; ++i) face.points[i] = point(7 + 2 * i);
    if (!face.points[3].marked() && face.points[4].marked())
      fail("a mouth of which only the right corner is marked");
    return face;
  }
  const std::string& where() const { return where_; }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw DataError(where_ + ": " + what); }

  float number(std::size_t field) const {
    const auto value = parse_double(fields_[field]);
    if (!value || !(std::abs(*value) <= kFarthest)) fail("expected a number, found " + quote(fields_[field]));
    return static_cast<float>(*value);
  }
  PhotoPoint point(std::size_t field) const {
    const bool x = fields_[field] != "-", y = fields_[field + 1] != "-";
    if (x != y) fail("a point of which only one coordinate is marked");
    return x ? PhotoPoint{number(field), number(field + 1)} : PhotoPoint{kUnmarked, kUnmarked};
  }

  std::string where_;
  std::vector<std::string_view> fields_;
};

// What is known of a photo before it is read.
struct Entry {
  Index width = 0, height = 0;  // 0: not said
  std::vector<MarkedFace> faces;
};
using Entries = std::map<std::string, Entry>;

Entries read_manifest(const fs::path& path) {
  const std::string text = read_file(path, kMaxManifestBytes);
  Entries entries;
  std::size_t number = 0;
  std::string_view rest = utf8_text(text, path.string());
  for (std::size_t end = 0; end != rest.npos; rest.remove_prefix(std::min(end + 1, rest.size()))) {
    end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const ManifestLine fields(line, path.string() + ":" + std::to_string(number));
    Entry& entry = entries[fields.photo()];
    const Index width = fields.extent(1), height = fields.extent(2);
    if (!entry.faces.empty() && (entry.width != width || entry.height != height)) {
      throw DataError(fields.where() + ": " + quote(fields.photo()) + " had another size before");
    }
    entry.width = width, entry.height = height;
    entry.faces.push_back(fields.face(width, height));
  }
  if (entries.empty()) throw DataError(path.string() + ": marks no face");
  return entries;
}

std::string folder_of(const std::string& name) {
  return fs::path(name).parent_path().generic_string();
}

// Images in `folder` and in those below it, but not in the folders `named`. Linked folders are not looked
// into: they may lead back.
void add_photos_of(const fs::path& folder, Entries& entries, const fs::path& root,
                   const std::set<std::string>& named) {
  std::error_code error;
  const std::vector<fs::path> paths = list_folder(folder, error);
  if (error) throw DataError(folder.string() + ": " + error.message());
  for (const fs::path& path : paths) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      if (!fs::is_symlink(path, ignored)) add_photos_of(path, entries, root, named);
      continue;
    }
    const std::string name = path.lexically_relative(root).generic_string();
    if (image::is_image_name(path) && !named.contains(folder_of(name))) entries.emplace(name, Entry());
  }
}

// Images in folders from which the manifest names no photo.
void add_photos_without_faces(Entries& entries, const fs::path& root) {
  std::set<std::string> named;
  for (const auto& [name, _] : entries) named.insert(folder_of(name));
  add_photos_of(root, entries, root, named);
}

void read_photo(FacePhoto& photo, const fs::path& root, const Entry& entry) {
  const fs::path path = root / photo.name;
  photo.image = image::read_gray(path);
  const Index by = photo.image.reduction.by;
  if (by > 1) throw DataError(path.string() + ": too large to learn from");
  if (entry.width > 0 && (photo.image.width != entry.width || photo.image.height != entry.height)) {
    throw DataError(path.string() + ": " + std::to_string(photo.image.width) + " x " +
                    std::to_string(photo.image.height) + " pixels, the manifest says " +
                    std::to_string(entry.width) + " x " + std::to_string(entry.height));
  }
}

void hold_out_runs(std::vector<FacePhoto>& photos) {
  std::map<std::string, std::size_t> places;
  for (FacePhoto& photo : photos) {
    const std::size_t place = places[folder_of(photo.name)]++;
    if (place / kRun % kRunsPerHeldOut == kRunsPerHeldOut - 1) photo.split = Split::public_test;
  }
}

}  // namespace

std::vector<std::uint32_t> FacePhotos::indices(Split split) const {
  std::vector<std::uint32_t> result;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (photos[i].split == split) result.push_back(static_cast<std::uint32_t>(i));
  }
  return result;
}

FacePhotos open_face_photos(const fs::path& manifest) {
  Entries entries = read_manifest(manifest);
  const fs::path root = manifest.has_parent_path() ? manifest.parent_path() : fs::path(".");
  add_photos_without_faces(entries, root);
  FacePhotos result;
  result.source = manifest.string();
  std::vector<const Entry*> sources;
  std::size_t faces = 0, without = 0;
  for (const auto& [name, entry] : entries) {
    result.photos.push_back({name, {}, entry.faces, Split::training});
    sources.push_back(&entry);
    faces += entry.faces.size();
    without += entry.faces.empty() ? 1 : 0;
  }
  parallel_for(static_cast<Index>(sources.size()), [&](Index i) {
    const auto at = static_cast<std::size_t>(i);
    read_photo(result.photos[at], root, *sources[at]);
  });
  hold_out_runs(result.photos);
  result.notes.push_back(std::to_string(faces) + " faces in " + std::to_string(sources.size() - without) +
                         " photos, " + std::to_string(without) + " photos without");
  return result;
}

}  // namespace mien::data
