// Photos in which faces are marked, and photos without any: what a face detector learns from.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mien/data/dataset.hpp"
#include "mien/image/image.hpp"

namespace mien::data {

/// A point of a face in a photo.
struct PhotoPoint {
  float x = 0, y = 0;  ///< pixels, pixel i covering [i, i + 1); NaN where it is not marked

  bool marked() const { return x == x && y == y; }
  friend bool operator==(const PhotoPoint&, const PhotoPoint&) = default;
};

/// Left and right are as seen.
enum class FacePoint : std::uint8_t { left_eye, right_eye, nose, mouth_left, mouth_right };
inline constexpr std::size_t kFacePoints = 5;

/// A face that somebody has marked in a photo.
struct MarkedFace {
  float left = 0, top = 0, right = 0, bottom = 0;  ///< pixels; may lie partly outside the photo
  /// By FacePoint. Where mouth_left is marked and mouth_right is not, it is the middle of the mouth.
  std::array<PhotoPoint, kFacePoints> points;

  float edge() const { return ((right - left) + (bottom - top)) / 2; }
  PhotoPoint middle() const { return {(left + right) / 2, (top + bottom) / 2}; }
};

/// A photo and the faces marked in it.
struct FacePhoto {
  std::string name;  ///< below the folder of the manifest
  image::GrayImage image;
  std::vector<MarkedFace> faces;  ///< there may be others where any are marked; none: the photo shows no face
  Split split = Split::training;
};

/// A data set of such photos.
struct FacePhotos {
  std::vector<FacePhoto> photos;  ///< by name
  std::string source;             ///< the manifest
  std::vector<std::string> notes;

  /// The places in `photos` of those of this split, in their order.
  std::vector<std::uint32_t> indices(Split split) const;
};

/// Reads a manifest and the photos that lie beside it. The manifest is UTF-8 text; lines that begin with # are
/// passed over, each other one has 17 fields with tabs between them, for one face:
///
///   photo  width height  left top right bottom  x and y of the five points, - where one is not marked
///
/// `photo` is a path below the manifest's folder, width and height are the photo's. Images in folders none of
/// whose photos is named are photos without faces. Of each folder, in the order of names, twenty photos in two
/// hundred are PublicTest's, the rest is for training.
///
/// Throws DataError `<path>:<line>: <what>` for a line that is not so, DataError for a photo that cannot be
/// read or has another size, and for a manifest without faces.
FacePhotos open_face_photos(const std::filesystem::path& manifest);

}  // namespace mien::data
