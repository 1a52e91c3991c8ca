#include "mien/core/text.hpp"
#include "output.hpp"

namespace ferpredict {
namespace {

constexpr std::size_t kFaceColumns = 7;  // x .. probability

std::string probability_text(float value) {
  return mien::format_fixed(double{value}, 6);
}

std::string row(const Prediction& prediction, const FacePrediction& face, const OutputContext& context) {
  std::string line = mien::csv_field(prediction.image);
  for (const mien::Index value : {face.x, face.y, face.width, face.height}) line += "," + std::to_string(value);
  line += "," + (face.score ? mien::format_number(mien::reader::rounded(*face.score, 6)) : std::string());
  const std::size_t first = face.ranking().front();
  line += "," + mien::csv_field(context.labels[first]) + "," + probability_text(face.probabilities[first]);
  for (const float probability : face.probabilities) line += "," + probability_text(probability);
  return line + ",," + to_string(prediction.fallback) + "\r\n";
}

}  // namespace

std::string csv_header(const OutputContext& context) {
  std::string line = "image,x,y,width,height,score,expression,probability";
  for (const std::string& label : context.labels) line += "," + mien::csv_field(label);
  return line + ",error,fallback\r\n";
}

std::string csv_rows(const Prediction& prediction, const OutputContext& context) {
  std::string lines;
  for (const FacePrediction& face : prediction.faces) lines += row(prediction, face, context);
  if (!lines.empty()) return lines;
  const std::string why = prediction.error.empty() ? "no face found" : prediction.error;
  return mien::csv_field(prediction.image) + std::string(kFaceColumns + context.labels.size(), ',') + "," +
         mien::csv_field(why) + ",\r\n";
}

}  // namespace ferpredict
