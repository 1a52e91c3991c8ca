// What ferpredict does with frames that follow one another in time.
#pragma once

#include "ferpredict/arguments.hpp"
#include "ferpredict/models.hpp"
#include "ferpredict/picture_decoder.hpp"

namespace ferpredict::live {

/// Prints a line of JSON for each frame as soon as it has been looked at, and on stderr at the end, or when the
/// program is interrupted, how many a second there were. False when some could not be decoded; the others are
/// still looked at.
///
/// {"frame":1,"time":0.033,"detector":"haar","faces":[{"track":1,"box",..}],"ms":{"decode","detect","infer"},
/// "fps":29.9}: faces as in JSON of images, but of smoothed probabilities, and the expression that is shown is
/// not always the most probable one (ExpressionSmoother). "time" is in seconds from the first frame; "fps" is
/// null until there are two. A frame that cannot be decoded is {"frame","error"}. Throws mien::DataError when
/// the source cannot be opened or faces cannot be looked for.
bool follow(const Arguments& a, const std::vector<Model>& models, PictureDecoder& decoder);

}  // namespace ferpredict::live
