#include "drawing.hpp"

#include <vector>

#include "draw/annotate.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/png.hpp"

namespace ferpredict {

void write_drawing(const std::string& file, std::span<const std::uint8_t> bytes, const Prediction& prediction,
                   const OutputContext& context) {
  mien::image::RgbImage image = mien::image::decode_rgb(bytes, prediction.image);
  std::vector<draw::Annotation> annotations;
  for (const FacePrediction& face : prediction.faces) {
    const std::size_t first = face.ranking().front();
    annotations.push_back(
        {face.x, face.y, face.width, face.height, context.labels[first], face.probabilities[first]});
  }
  draw::annotate(image, annotations);
  mien::image::write_png(file, image.width, image.height, 3, image.pixels);
}

}  // namespace ferpredict
