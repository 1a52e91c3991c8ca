// The networks that come with the library.
#include <array>
#include <string>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/model/spec.hpp"

namespace mien::model {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kPresets{{
    {"paper",
     "input 1 48 48 | conv 64 5 same | relu | maxpool 3 2 same | lrn 4 1 0.000111 0.75"
     " | conv 128 5 same | relu | lrn 4 1 0.000111 0.75 | maxpool 3 2 same"
     " | dense 3072 | relu | dense 1536 | relu | dropout 0.5 | dense 7"},
    // Half the work of each stage is in its second convolution; the first sees the whole image and stays
    // narrow.
    {"small",
     "input 1 48 48 | conv 16 3 same nobias | batchnorm | relu | maxpool 2 2"
     " | conv 32 3 same nobias | batchnorm | relu | conv 32 3 same nobias | batchnorm | relu | maxpool 2 2"
     " | conv 64 3 same nobias | batchnorm | relu | conv 64 3 same nobias | batchnorm | relu | maxpool 2 2"
     " | conv 128 3 same nobias | batchnorm | relu | conv 128 3 same nobias | batchnorm | relu | maxpool 2 2"
     " | conv 256 3 same nobias | batchnorm | relu | dropout 0.4 | dense 7"},
    // After Simonyan & Zisserman 2015, two convolutions a stage; narrow, so that two cores see each face
    // often enough.
    {"large",
     "input 1 48 48 | conv 48 3 same nobias | batchnorm | relu | conv 48 3 same nobias | batchnorm | relu"
     " | maxpool 2 2 | dropout 0.1"
     " | conv 96 3 same nobias | batchnorm | relu | conv 96 3 same nobias | batchnorm | relu"
     " | maxpool 2 2 | dropout 0.2"
     " | conv 192 3 same nobias | batchnorm | relu | conv 192 3 same nobias | batchnorm | relu"
     " | maxpool 2 2 | dropout 0.2"
     " | conv 256 3 same nobias | batchnorm | relu | conv 256 3 same nobias | batchnorm | relu"
     " | maxpool 2 2 | dropout 0.2 | dense 512 nobias | batchnorm | relu | dropout 0.4 | dense 7"},
    // Finds faces (face_grid.hpp): down to an eighth of the edges, there two looks around, two more at a
    // sixteenth, which see what is around a face, and one at both.
    {"faces",
     "input 1 48 48 | conv 8 3 pad 1 stride 2 nobias | batchnorm | relu"
     " | conv 16 3 pad 1 stride 2 nobias | batchnorm | relu | conv 32 3 pad 1 stride 2 nobias | batchnorm | "
     "relu"
     " | dwconv 3 nobias | conv 64 1 nobias | batchnorm | relu"
     " | dwconv 3 nobias | conv 64 1 nobias | batchnorm | relu as near"
     " | dwconv 3 stride 2 nobias | conv 96 1 nobias | batchnorm | relu"
     " | dwconv 3 nobias | conv 96 1 nobias | batchnorm | relu"
     " | conv 64 1 nobias | batchnorm | upsample | add near | relu"
     " | dwconv 3 nobias | conv 64 1 nobias | batchnorm | relu as both"
     " | conv 1 1 as score | from both | conv 4 1 as box | from both | conv 10 1 as points"
     " | output score box points"},
    // Looks at one face closely: where its points are, and whether it is one.
    {"points",
     "input 1 48 48 | conv 16 3 pad 1 stride 2 nobias | batchnorm | relu | conv 32 3 same nobias | batchnorm | "
     "relu"
     " | conv 48 3 pad 1 stride 2 nobias | batchnorm | relu | conv 64 3 same nobias | batchnorm | relu"
     " | conv 96 3 pad 1 stride 2 nobias | batchnorm | relu"
     " | dwconv 6 valid nobias | conv 128 1 nobias | batchnorm | relu as all"
     " | conv 1 1 as score | from all | conv 4 1 as box | from all | conv 10 1 as points"
     " | output score box points"},
}};

}  // namespace

std::string preset_names() {
  std::string names;
  for (const auto& [name, text] : kPresets) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

bool is_preset(std::string_view name) {
  for (const auto& preset : kPresets) {
    if (preset.first == name) return true;
  }
  return false;
}

ModelSpec preset(std::string_view name) {
  for (const auto& [candidate, text] : kPresets) {
    if (candidate == name) return ModelSpec::from_text(text, name);
  }
  throw ArgumentError("[preset] expected one of " + preset_names() + ", got `" + std::string(name) + "`");
}

ModelSpec paper_spec() {
  return preset("paper");
}

}  // namespace mien::model
