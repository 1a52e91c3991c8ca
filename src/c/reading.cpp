#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <span>

#include "c/guarded.hpp"
#include "c/picture.hpp"
#include "c/reader.hpp"
#include "mien/core/file.hpp"
#include "mien/image/decode.hpp"

namespace mien::c {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// What all ways to read a picture have in common; `name` stands for it in messages.
template <typename Picture>
int read(mien_reader* reader, const char* function, const char* name, mien_reading** reading, Picture picture) {
  return guarded([&] {
    require(reader, function, "reader");
    require(reading, function, "reading");
    *reading = std::make_unique<mien_reading>(mien_reading{reader->faces.read(picture(), name)}).release();
  });
}

mien_face face_of(const reader::FacePrediction& found) {
  mien_face face = {};
  face.x = static_cast<std::int32_t>(found.x);
  face.y = static_cast<std::int32_t>(found.y);
  face.width = static_cast<std::int32_t>(found.width);
  face.height = static_cast<std::int32_t>(found.height);
  face.score = found.score.value_or(kUnknown);
  for (std::size_t i = 0; i < std::size(face.points); ++i) {
    face.points[i][0] = found.points ? (*found.points)[i].x : kUnknown;
    face.points[i][1] = found.points ? (*found.points)[i].y : kUnknown;
  }
  face.roll = found.pose ? found.pose->roll : kUnknown;
  face.yaw = found.pose ? found.pose->yaw : kUnknown;
  face.turned_away = found.pose && found.pose->turned_away ? 1 : 0;
  face.best = static_cast<std::int32_t>(found.ranking().front());
  return face;
}

// What the caller's header knows of it; what a later one knows beyond ours is zero.
void give(mien_face* to, mien_face face) {
  face.size = to->size;
  std::memset(static_cast<void*>(to), 0, face.size);
  std::memcpy(static_cast<void*>(to), &face, std::min(face.size, sizeof face));
}

}  // namespace
}  // namespace mien::c

extern "C" {

int mien_read(mien_reader* reader, const void* pixels, int format, size_t width, size_t height, size_t stride,
              mien_reading** reading) {
  return mien::c::read(reader, "mien_read", "picture", reading,
                       [&] { return mien::c::gray_picture(pixels, format, width, height, stride); });
}

int mien_read_file(mien_reader* reader, const char* path, mien_reading** reading) {
  return mien::c::read(reader, "mien_read_file", path == nullptr ? "" : path, reading, [&] {
    mien::c::require(path, "mien_read_file", "path");
    return mien::image::read_gray(path);
  });
}

int mien_read_encoded(mien_reader* reader, const void* bytes, size_t count, mien_reading** reading) {
  return mien::c::read(reader, "mien_read_encoded", "picture", reading, [&] {
    mien::c::require(bytes, "mien_read_encoded", "bytes");
    return mien::image::decode_gray({static_cast<const std::uint8_t*>(bytes), count}, "picture");
  });
}

void mien_free_reading(mien_reading* reading) {
  delete reading;
}

size_t mien_face_count(const mien_reading* reading) {
  return reading == nullptr ? 0 : reading->reading.faces.size();
}

int mien_get_face(const mien_reading* reading, size_t index, mien_face* face) {
  return mien::c::guarded([&] {
    mien::c::require(reading, "mien_get_face", "reading");
    mien::c::require(face, "mien_get_face", "face");
    if (face->size < sizeof face->size) throw mien::ArgumentError("mien_get_face: face->size is not set");
    if (index >= mien_face_count(reading)) {
      throw mien::ArgumentError("mien_get_face: face " + std::to_string(index) + " of " +
                                std::to_string(mien_face_count(reading)));
    }
    mien::c::give(face, mien::c::face_of(reading->reading.faces[index]));
  });
}

const float* mien_probabilities(const mien_reading* reading, size_t index) {
  return index < mien_face_count(reading) ? reading->reading.faces[index].probabilities.data() : nullptr;
}

int32_t mien_picture_width(const mien_reading* reading) {
  return reading == nullptr ? 0 : static_cast<int32_t>(reading->reading.width);
}

int32_t mien_picture_height(const mien_reading* reading) {
  return reading == nullptr ? 0 : static_cast<int32_t>(reading->reading.height);
}

int mien_is_crop(const mien_reading* reading) {
  using mien::reader::Fallback;
  if (reading == nullptr) return 0;
  return !reading->reading.searched || reading->reading.fallback != Fallback::none ? 1 : 0;
}
}
