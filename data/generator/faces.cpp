#include "faces.hpp"

#include <vector>

#include "portrait.hpp"
#include "random.hpp"

namespace mien::faces {
namespace {

constexpr int kSamples = 3;  // along each side of a pixel
constexpr int kQuantum = 5;  // gray levels are multiples of it, which keeps the packed sample small
constexpr int kRoundsPerSplit = 7;
constexpr int kTrainingRounds = 5;

/// From pixels to the face's own coordinates.
struct Camera {
  explicit Camera(Random& random) {
    scale = random.between(17.2, 19.6);
    aspect = random.between(0.95, 1.06);
    center_x = 24 + 1.6 * random.around();
    center_y = 24.2 + 1.6 * random.around();
    // Twice the angle whose tangent is `half`: a rotation without sin and cos.
    const double half = 0.07 * random.around();
    cosine = (1 - half * half) / (1 + half * half);
    sine = 2 * half / (1 + half * half);
  }
  double scale, aspect, center_x, center_y, cosine, sine;
};

using Picture = std::vector<double>;

Picture photograph(const Portrait& portrait, const Camera& camera) {
  Picture picture(kSide * kSide);
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      double sum = 0;
      for (int sample = 0; sample < kSamples * kSamples; ++sample) {
        const double x = column + (sample % kSamples + 0.5) / kSamples - camera.center_x;
        const double y = row + (sample / kSamples + 0.5) / kSamples - camera.center_y;
        const double u = (camera.cosine * x + camera.sine * y) / (camera.scale * camera.aspect);
        const double v = (camera.cosine * y - camera.sine * x) / camera.scale;
        sum += portrait.at(u, v);
      }
      picture[static_cast<std::size_t>(row * kSide + column)] = sum / (kSamples * kSamples);
    }
  }
  return picture;
}

int inside(int i) {
  return i < 0 ? 0 : i >= kSide ? kSide - 1 : i;
}

/// Mixes each pixel with its neighbors, first along rows, then along columns.
void blur(Picture& picture, double amount) {
  for (const int step : {1, kSide}) {
    const Picture before = picture;
    for (int i = 0; i < kSide * kSide; ++i) {
      const int along = step == 1 ? i % kSide : i / kSide;
      const int base = i - along * step;
      const double sides = before[static_cast<std::size_t>(base + inside(along - 1) * step)] +
                           before[static_cast<std::size_t>(base + inside(along + 1) * step)];
      auto& value = picture[static_cast<std::size_t>(i)];
      value += amount * (sides / 2 - value);
    }
  }
}

Face develop(const Picture& picture, Random& random) {
  const double contrast = random.between(0.8, 1.2);
  const double brightness = 8 + 25 * random.around();
  const double grain = random.between(0.5, 4);
  Face face;
  for (std::size_t i = 0; i < face.size(); ++i) {
    const double noise = grain * (random.around() + random.around());
    const double value = 128 + contrast * (picture[i] - 128) + brightness + noise;
    const int level = static_cast<int>((value < 0 ? 0 : value > 255 ? 255 : value) / kQuantum + 0.5);
    face[i] = static_cast<std::uint8_t>(level * kQuantum);
  }
  return face;
}

}  // namespace

Face draw_face(std::uint64_t seed, std::uint64_t index, Label label) {
  Random random(seed, index);
  const Person person(random);
  const Expression expression = draw_expression(label, random);
  const Camera camera(random);
  Picture picture = photograph(Portrait(person, expression), camera);
  blur(picture, random.between(0, 0.4));
  return develop(picture, random);
}

Label row_label(std::uint64_t index) {
  return static_cast<Label>(index % kLabels);
}

std::string csv_header() {
  return "emotion,pixels,Usage\n";
}

std::string csv_row(std::uint64_t seed, std::uint64_t index) {
  const Label label = row_label(index);
  const int round = static_cast<int>(index / kLabels % kRoundsPerSplit);
  std::string row = std::to_string(static_cast<int>(label));
  char separator = ',';
  for (const std::uint8_t pixel : draw_face(seed, index, label)) {
    row += separator + std::to_string(pixel);
    separator = ' ';
  }
  return row + (round < kTrainingRounds    ? ",Training\n"
                : round == kTrainingRounds ? ",PublicTest\n"
                                           : ",PrivateTest\n");
}

}  // namespace mien::faces
