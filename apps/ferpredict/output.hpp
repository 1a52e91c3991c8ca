// Predictions as text, JSON or CSV.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mien/infer/emoticons.hpp"
#include "prediction.hpp"

namespace ferpredict {

struct OutputContext {
  std::vector<std::string> labels;
  mien::infer::Emoticons emoticons;
  mien::infer::EmoticonStyle style;
  int top = 3;
  bool utf8 = false;
};

/// A block for people; ends with a line break.
std::string text(const Prediction& prediction, const OutputContext& context);

struct ModelIdentity {
  std::string name;
  std::string sha256;  ///< of its file
};

/// {"schema":1,"model":{"name","sha256"},"images":[{"image","faces":[{"box":[x,y,w,h],"expression",
/// "probability","probabilities":{..},"emoticons":[..]}],"ms":{"decode","infer"}}]}. An image that could not
/// be read has "error" and no faces. Of several models "model" is {"name","ensemble":[{"name","sha256"},..]}.
std::string json(const std::vector<Prediction>& predictions, const OutputContext& context,
                 std::span<const ModelIdentity> models);

/// RFC 4180: image, expression, probability, one column a class, error.
std::string csv_header(const OutputContext& context);
std::string csv_row(const Prediction& prediction, const OutputContext& context);

}  // namespace ferpredict
