// The model ferpredict takes when none is named.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ferpredict {

/// `named` unless that is null or empty, else the first of `places` that exists. Throws mien::ArgumentError,
/// naming them all and what to do, when there is none.
std::string default_model(const char* named, const std::vector<std::filesystem::path>& places);

/// Where models lie: below the folder this program is installed in, and in the source tree it was built from.
std::vector<std::filesystem::path> model_places(const std::filesystem::path& from_program,
                                                const std::filesystem::path& in_source_tree);

}  // namespace ferpredict
