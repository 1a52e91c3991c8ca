// What the pictures of --draw are called.
#pragma once

#include <string>
#include <vector>

namespace ferpredict {

/// PNG or JPEG, by a file's ending, whatever its case.
enum class PictureFormat { png, jpeg, unknown };
PictureFormat picture_format(const std::string& file);

/// The name of each image's picture in the folder they all go to: the image's own, ending in .png where it ends
/// neither so nor as a JPEG does; "stdin.png" for "-". A name that is taken, case aside, gets -2, -3 and so on
/// in front of its ending.
std::vector<std::string> picture_names(const std::vector<std::string>& images);

}  // namespace ferpredict
