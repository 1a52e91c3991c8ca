// What is read must not be replaced by what is written.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "common/same_file.hpp"
#include "images.hpp"
#include "models.hpp"

namespace ferpredict {

/// What must not be replaced, by number.
using Sources = std::map<apps::FileNumber, std::string>;
Sources sources_of(const Arguments& a, const std::vector<Model>& models, const std::vector<ImageInput>& inputs);

/// Throws mien::ArgumentError beginning with `option` where one of the files is a source, or two are one;
/// another `what` ("file") is to be named.
void refuse_to_replace(const Sources& sources, const std::string& option, const std::vector<std::string>& files,
                       const std::string& what);

/// Throws mien::DataError where there is no folder for the file that `option` names: better to learn it now
/// than when all images have been read.
void require_folder_of(const std::string& option, const std::string& file);

/// Throws mien::ArgumentError where a model or a report would be written under the name of an image, which most
/// likely was to be read, and where what is to be read was most likely to be written: `--json out.json`.
void refuse_mistaken_names(const Arguments& a);

}  // namespace ferpredict
