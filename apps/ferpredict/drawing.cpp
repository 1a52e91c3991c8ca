#include "drawing.hpp"

#include <algorithm>
#include <vector>

#include "draw/annotate.hpp"
#include "draw/crop_picture.hpp"
#include "mien/image/jpeg.hpp"
#include "mien/image/png.hpp"
#include "picture_names.hpp"

namespace ferpredict {
namespace {

std::vector<draw::Annotation> annotations_of(const Prediction& prediction, mien::Index by,
                                             const OutputContext& context, bool points,
                                             std::span<const std::size_t> shown) {
  std::vector<draw::Annotation> annotations;
  for (std::size_t i = 0; i < prediction.faces.size(); ++i) {
    const FacePrediction& face = prediction.faces[i];
    const std::size_t named = shown.empty() ? face.ranking().front() : shown[i];
    annotations.push_back({face.x / by,
                           face.y / by,
                           std::max<mien::Index>(face.width / by, 1),
                           std::max<mien::Index>(face.height / by, 1),
                           context.labels[named],
                           face.probabilities[named],
                           {}});
    if (!points || !face.points) continue;
    for (const mien::face::Point& point : *face.points) {
      annotations.back().points.push_back(
          {point.x / static_cast<double>(by), point.y / static_cast<double>(by)});
    }
  }
  return annotations;
}

}  // namespace

void draw_faces(mien::image::RgbImage& image, const Prediction& prediction, const OutputContext& context,
                bool points, std::span<const std::size_t> shown) {
  const std::vector<draw::Annotation> annotations =
      annotations_of(prediction, image.reduction.by, context, points, shown);
  if (prediction.searched) {
    draw::annotate(image, annotations);
  } else {
    image = draw::crop_picture(image, annotations.at(0).expression, annotations.at(0).probability,
                               !context.whole_pictures);
  }
}

void write_drawing(const std::string& file, std::span<const std::uint8_t> bytes, const Prediction& prediction,
                   const OutputContext& context, PictureDecoder& decoder, bool points) {
  mien::image::RgbImage image = decoder.rgb(bytes, prediction.image, {});
  draw_faces(image, prediction, context, points);
  if (picture_format(file) == PictureFormat::jpeg) {
    mien::image::write_jpeg(file, image.width, image.height, 3, image.pixels);
  } else {
    mien::image::write_png(file, image.width, image.height, 3, image.pixels);
  }
}

}  // namespace ferpredict
