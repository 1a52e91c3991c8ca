// Any bytes as a manifest beside two photos: the reader throws DataError or gives faces that lie on their
// photos, of which canvases can be made.
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/data/face_canvas.hpp"
#include "mien/data/face_photos.hpp"

namespace {

namespace fs = std::filesystem;
using mien::data::FaceCanvas;
using mien::data::FacePhoto;
using mien::data::FacePhotos;
using mien::data::MarkedFace;
using mien::data::PhotoPoint;

void expect(bool holds) {
  if (!holds) std::abort();
}

// A folder of its own, with a photo in a folder that a manifest may name and one in a folder it need not.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("manifest-fuzz-" + std::to_string(getpid()))) {
    write("faces/a.pgm", 6, 4);
    write("rooms/b.pgm", 40, 50);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path manifest() const { return path_ / "faces.tsv"; }

 private:
  void write(const char* name, int width, int height) const {
    const fs::path path = path_ / name;
    fs::create_directories(path.parent_path());
    std::string bytes = "P5 " + std::to_string(width) + " " + std::to_string(height) + " 255\n";
    for (int i = 0; i < width * height; ++i) bytes += static_cast<char>(i * 37);
    mien::write_file_atomically(path, bytes);
  }

  fs::path path_;
};

std::optional<FacePhotos> open(const fs::path& manifest) {
  try {
    return mien::data::open_face_photos(manifest);
  } catch (const mien::DataError&) {
    return std::nullopt;
  }
}

void check(const MarkedFace& face, const FacePhoto& photo) {
  const auto width = static_cast<float>(photo.image.width), height = static_cast<float>(photo.image.height);
  expect(face.left < face.right && face.top < face.bottom);
  expect(face.left < width && face.right > 0 && face.top < height && face.bottom > 0);
  for (const PhotoPoint& point : face.points) {
    expect(std::isfinite(point.x) == point.marked() && std::isfinite(point.y) == point.marked());
  }
}

void check(const FaceCanvas& canvas, mien::Index edge) {
  const auto pixels = static_cast<std::size_t>(edge * edge);
  expect(canvas.edge == edge && canvas.pixels.size() == pixels && canvas.known.size() == pixels);
  for (const auto& face : canvas.faces) {
    expect(std::isfinite(face.marks.edge()) && std::isfinite(face.marks.middle().x));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  mien::write_file_atomically(folder.manifest(), {reinterpret_cast<const char*>(data), size});
  const std::optional<FacePhotos> read = open(folder.manifest());
  if (!read) return 0;
  std::size_t faces = 0;
  for (const FacePhoto& photo : read->photos) {
    for (const MarkedFace& face : photo.faces) check(face, photo);
    faces += photo.faces.size();
  }
  expect(faces > 0);
  mien::data::CanvasOptions options;
  options.edge = 48;
  options.close = 0.2f;
  options.pixels.noise = 14;
  options.pixels.jpeg = 30;
  const FacePhoto& first = read->photos.front();
  const FacePhoto& last = read->photos.back();
  const std::array<const FacePhoto*, mien::data::kCanvasPhotos> four = {&first, &last, &first, &last};
  for (std::uint32_t i = 0; i < 4; ++i) {
    const mien::RandomStream random(i, mien::RandomPurpose::augmentation, size);
    check(mien::data::make_canvas(four, options, random), options.edge);
    check(mien::data::make_canvas(std::array{four[i]}, options, random), options.edge);
  }
  return 0;
}
