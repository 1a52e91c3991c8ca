// Where the library finds the models that come along.
#pragma once

#include <string>

namespace mien::c {

/// The file that `word` stands for (model::find_model), in the folders of mien_open. Throws what that throws.
std::string model_file(const std::string& word);

}  // namespace mien::c
