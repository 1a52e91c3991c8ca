// Any weights of two small networks that find faces, any small picture and options: the detector throws
// DataError, or gives faces in their order, each of which can be cut out and has a pose.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/face/crop.hpp"
#include "mien/face/network_detector.hpp"
#include "mien/model/graph.hpp"

namespace {

using mien::Index;
using mien::face::LocatedFace;
using mien::face::NetworkDetectOptions;
using mien::face::NetworkDetector;
using mien::image::GrayImage;
using mien::model::FaceGrid;
using mien::model::ModelFile;

void expect(bool holds) {
  if (!holds) std::abort();
}

// The input byte by byte; zeros behind its end.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  std::uint8_t next() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  // Mostly what weights are; behind the byte 255 any float.
  float weight() {
    const std::uint8_t byte = next();
    if (byte < 255) return (static_cast<float>(byte) - 127) / 32;
    std::uint32_t bits = 0;
    for (int i = 0; i < 4; ++i) bits = bits << 8 | next();
    float value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }
  std::size_t left() const { return left_; }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

ModelFile network(const std::string& layers, const FaceGrid& grid, Bytes& bytes) {
  ModelFile model;
  model.name = "fuzz";
  model.spec = mien::model::ModelSpec::from_text(
      layers + " as all | conv 1 1 as score | from all | conv 4 1 as box | from all | conv 10 1 as points" +
      " | output score box points");
  model.normalization.scale = 1 / 128.0f;
  model.face_grid = grid;
  for (const auto& parameter : mien::model::parameters_of(mien::model::plan(model.spec))) {
    mien::Tensor tensor(parameter.shape);
    for (float& value : std::span(tensor.mutable_data(), static_cast<std::size_t>(tensor.size()))) {
      value = bytes.weight();
    }
    model.weights.push_back({parameter.name, tensor});
  }
  return model;
}

GrayImage picture(Bytes& bytes) {
  constexpr Index kMost = 64;
  GrayImage image{bytes.next() % kMost, bytes.next() % kMost, {}};
  const auto pixels = static_cast<std::size_t>(image.width * image.height);
  for (std::size_t i = 0; i < pixels; ++i) image.pixels.push_back(bytes.next());
  return image;
}

NetworkDetectOptions options_of(Bytes& bytes) {
  NetworkDetectOptions options{.min_face = bytes.next(), .max_face = bytes.next(), .min_score = {}};
  if (const std::uint8_t byte = bytes.next(); byte > 0) options.min_score = (byte - 1) / 254.0;
  return options;
}

void check(const LocatedFace& face, const GrayImage& image, double min_score) {
  expect(std::isfinite(face.x) && std::isfinite(face.y));
  expect(face.width > 0 && face.height > 0 && std::isfinite(face.width * face.height));
  expect(face.score >= min_score && face.score <= 1);
  for (const auto& point : face.points) expect(std::isfinite(point.x) && std::isfinite(point.y));
  expect(std::abs(mien::face::pose_of(face.points).roll) <= 180);
  constexpr double kScale = 1.3;
  const GrayImage crop = mien::face::crop_face(image, face, kScale);
  expect(crop.width == crop.height && crop.pixels.size() == static_cast<std::size_t>(crop.width * crop.height));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const NetworkDetectOptions options = options_of(bytes);
  const FaceGrid sliding{.stride = 4, .face = 11, .least = 8, .most = 16, .min_score = 0.5f};
  const FaceGrid close{.stride = 12, .face = 7, .least = 5, .most = 10, .min_score = 0.5f};
  const bool twice = bytes.next() % 2 == 1;
  const ModelFile finder = network("input 1 16 16 | conv 2 3 pad 1 stride 4 nobias | relu", sliding, bytes);
  const ModelFile closer = network("input 1 12 12 | conv 2 12 valid nobias | relu", close, bytes);
  const GrayImage image = picture(bytes);
  try {
    NetworkDetector detector = twice ? NetworkDetector(finder, closer) : NetworkDetector(finder);
    const std::vector<LocatedFace> faces = detector.detect(image, options);
    double area = std::numeric_limits<double>::infinity();
    for (const LocatedFace& face : faces) {
      check(face, image, options.min_score.value_or(detector.min_score()));
      expect(face.width * face.height <= area);
      area = face.width * face.height;
    }
  } catch (const mien::DataError&) {
  }
  return 0;
}
