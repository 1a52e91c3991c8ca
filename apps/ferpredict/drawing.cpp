#include "drawing.hpp"

#include <algorithm>
#include <vector>

#include "draw/annotate.hpp"
#include "draw/crop_picture.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/jpeg.hpp"
#include "mien/image/png.hpp"
#include "picture_names.hpp"

namespace ferpredict {
namespace {

mien::image::RgbImage drawn(mien::image::RgbImage image, const Prediction& prediction,
                            const OutputContext& context, bool points) {
  const mien::Index by = image.reduction.by;
  std::vector<draw::Annotation> annotations;
  for (const FacePrediction& face : prediction.faces) {
    const std::size_t first = face.ranking().front();
    annotations.push_back({face.x / by,
                           face.y / by,
                           std::max<mien::Index>(face.width / by, 1),
                           std::max<mien::Index>(face.height / by, 1),
                           context.labels[first],
                           face.probabilities[first],
                           {}});
    if (!points || !face.points) continue;
    for (const mien::face::Point& point : *face.points) {
      annotations.back().points.push_back(
          {point.x / static_cast<double>(by), point.y / static_cast<double>(by)});
    }
  }
  if (!prediction.searched) {
    return draw::crop_picture(image, annotations.at(0).expression, annotations.at(0).probability);
  }
  draw::annotate(image, annotations);
  return image;
}

}  // namespace

void write_drawing(const std::string& file, std::span<const std::uint8_t> bytes, const Prediction& prediction,
                   const OutputContext& context, bool points) {
  const mien::image::RgbImage image =
      drawn(mien::image::decode_rgb(bytes, prediction.image), prediction, context, points);
  if (picture_format(file) == PictureFormat::jpeg) {
    mien::image::write_jpeg(file, image.width, image.height, 3, image.pixels);
  } else {
    mien::image::write_png(file, image.width, image.height, 3, image.pixels);
  }
}

}  // namespace ferpredict
