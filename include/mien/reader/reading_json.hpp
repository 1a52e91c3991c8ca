// What is read in a picture or frame as JSON: the parts of what ferpredict prints, and of what mien-web
// returns.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mien/core/json.hpp"
#include "mien/reader/emoticons.hpp"
#include "mien/reader/expression_names.hpp"
#include "mien/reader/face_follower.hpp"
#include "mien/reader/reading.hpp"

namespace mien::reader {

/// Of the documents that hold these parts.
inline constexpr int kJsonSchema = 1;

/// What expressions are called, and which emoticons stand for them.
struct Wording {
  std::vector<std::string> labels;  ///< of the model's classes, in order
  Emoticons emoticons;
  EmoticonStyle style = EmoticonStyle::emoji;
  std::optional<Language> language = {};  ///< of the names beside or instead of labels
};

/// Which model has read a picture.
struct ModelIdentity {
  std::string name;
  std::string sha256;  ///< of its file
};

/// {"name","sha256"}; of several models {"name","ensemble":[{"name","sha256"},..]}.
Json model_json(std::span<const ModelIdentity> models);

/// {"box":[x,y,w,h],"score","expression","probability","probabilities":{..},"emoticons":[..]}, the expression
/// being class `shown`. Where there is a language, "name" stands behind "expression". Faces that a network has
/// found end in "points", "roll", "yaw" and, where it is so, "turned_away" (mien/face/located_face.hpp).
Json face_json(const FacePrediction& face, std::size_t shown, const Wording& wording);
/// The same behind "track".
Json followed_face_json(const FacePrediction& face, const FaceFollower::Followed& followed,
                        const Wording& wording);

/// {"decode","detect","infer"}: milliseconds. The reading knows the last two.
Json times_json(const Reading& reading, double decode_ms);

/// Who looked for faces: "network" or "haar", or "none" for a picture taken as a crop.
const char* detector_name(const Reading& reading);

/// `value` rounded to so many decimals, so that JSON prints no more.
double rounded(double value, int decimals);

}  // namespace mien::reader
