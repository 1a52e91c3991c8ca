#include <utility>

#include "mien/core/json.hpp"
#include "mien/core/text.hpp"
#include "output.hpp"

namespace ferpredict {
namespace {

mien::Json image_json(const Prediction& prediction, const OutputContext& context) {
  mien::Json faces{mien::Json::Array{}};
  for (const FacePrediction& face : prediction.faces) {
    faces.append(mien::reader::face_json(face, face.ranking().front(), context));
  }
  mien::Json image;
  image.set("image", json_text(prediction.image));
  if (prediction.error.empty()) image.set("detector", mien::reader::detector_name(prediction));
  if (prediction.fallback != Fallback::none) image.set("fallback", to_string(prediction.fallback));
  image.set("faces", std::move(faces));
  image.set("ms", mien::reader::times_json(prediction, prediction.decode_ms));
  if (!prediction.error.empty()) image.set("error", json_text(prediction.error));
  return image;
}

}  // namespace

std::string json_text(const std::string& text) {
  return mien::is_utf8(text) ? text : mien::quote(text, text.size());
}

std::string json(const std::vector<Prediction>& predictions, const OutputContext& context,
                 std::span<const ModelIdentity> models, std::span<const std::string> warnings) {
  mien::Json images{mien::Json::Array{}};
  for (const Prediction& prediction : predictions) images.append(image_json(prediction, context));
  mien::Json document;
  document.set("schema", mien::reader::kJsonSchema).set("model", mien::reader::model_json(models));
  if (!warnings.empty()) {
    mien::Json list{mien::Json::Array{}};
    for (const std::string& warning : warnings) list.append(json_text(warning));
    document.set("warnings", std::move(list));
  }
  document.set("images", std::move(images));
  return mien::to_json(document, {.pretty = true, .ascii = !context.utf8}) + "\n";
}

}  // namespace ferpredict
