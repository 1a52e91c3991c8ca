// Predictions as text, JSON or CSV.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mien/core/json.hpp"
#include "mien/reader/emoticons.hpp"
#include "mien/reader/expression_names.hpp"
#include "prediction.hpp"

namespace ferpredict {

struct OutputContext {
  std::vector<std::string> labels;
  mien::reader::Emoticons emoticons;
  mien::reader::EmoticonStyle style;
  std::optional<mien::reader::Language> language;  ///< of the names beside or instead of labels
  int top = 3;
  bool utf8 = false;
};

/// A block for people; ends with a line break.
std::string text(const Prediction& prediction, const OutputContext& context);

struct ModelIdentity {
  std::string name;
  std::string sha256;  ///< of its file
};

/// {"schema":1,"model":{"name","sha256"},"images":[{"image","detector","faces":[{"box":[x,y,w,h],"score",
/// "expression","probability","probabilities":{..},"emoticons":[..]}],"ms":{"decode","detect","infer"}}]}.
/// "detector" is "network" or "haar", or "none" for an image taken as a crop, whose "score" is null; behind it
/// stands "fallback", "no_face_found" or "no_cascade", where faces were to be looked for. An image that could
/// not be read has "error" and no faces. Where the context has a language, "name" stands behind "expression".
/// Of several models "model" is {"name","ensemble":[{"name","sha256"},..]}. "warnings", in front of "images"
/// and there only if there are any, is a list of texts about all of them. Faces that a network has found end in
/// "points", "roll", "yaw" and, where it is so, "turned_away" (mien/face/located_face.hpp).
std::string json(const std::vector<Prediction>& predictions, const OutputContext& context,
                 std::span<const ModelIdentity> models, std::span<const std::string> warnings = {});

/// File names and messages with them are bytes, JSON is UTF-8: others come quoted.
std::string json_text(const std::string& text);
/// The nearest number of so many decimals, which JSON prints with no more digits than those.
double rounded(double value, int decimals);
/// One of the "faces", the expression being class `shown`.
mien::Json face_json(const FacePrediction& face, std::size_t shown, const OutputContext& context);
/// "ms" of an image.
mien::Json times_json(const Prediction& prediction);
/// "network", "haar" or "none".
const char* detector_name(const Prediction& prediction);

/// RFC 4180, a line a face: image, box and score, expression, probability, one column a class, error. An image
/// without faces has one line, too.
std::string csv_header(const OutputContext& context);
std::string csv_rows(const Prediction& prediction, const OutputContext& context);

}  // namespace ferpredict
