// Predictions as text, JSON or CSV.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mien/reader/reading_json.hpp"
#include "prediction.hpp"

namespace ferpredict {

struct OutputContext : mien::reader::Wording {
  bool whole_pictures = false;  ///< labels are not of faces
  int top = 3;
  bool utf8 = false;
};

/// What a class is called for people: in the context's language, else in English.
std::string shown_name(const std::string& label, const OutputContext& context);

/// A block for people; ends with a line break.
std::string text(const Prediction& prediction, const OutputContext& context);

using mien::reader::ModelIdentity;

/// {"schema":1,"model":..,"images":[{"image","detector","faces":[..],"ms"}]}, the parts being those of
/// mien/reader/reading_json.hpp. Behind "detector" stands "fallback", "no_face_found" or "no_cascade", of an
/// image taken as a crop where faces were to be looked for. An image that could not be read has "error" and no
/// faces. "warnings", in front of "images" and there only if there are any, is a list of texts about all of
/// them.
std::string json(const std::vector<Prediction>& predictions, const OutputContext& context,
                 std::span<const ModelIdentity> models, std::span<const std::string> warnings = {});

/// File names and messages with them are bytes, JSON is UTF-8: others come quoted.
std::string json_text(const std::string& text);

/// RFC 4180, a line a face: image, box and score, expression, probability, one column a class, error. An image
/// without faces has one line, too.
std::string csv_header(const OutputContext& context);
std::string csv_rows(const Prediction& prediction, const OutputContext& context);

}  // namespace ferpredict
