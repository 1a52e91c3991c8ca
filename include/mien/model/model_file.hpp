// A trained network in one safetensors file: weights, the spec they belong to, labels, how inputs are
// prepared, and one sample with its expected output so that a reader can tell that it computes the same.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mien/core/encoded_tensor.hpp"
#include "mien/image/preprocess.hpp"
#include "mien/model/face_grid.hpp"
#include "mien/model/safetensors.hpp"
#include "mien/model/spec.hpp"

namespace mien::model {

/// One tensor of a network, under its name.
struct Weight {
  std::string name;
  Tensor tensor = {};          ///< fp32; undefined for encoded matrices, which would not be small
  EncodedTensor encoded = {};  ///< as the file stores it where that is not fp32

  bool defined() const { return tensor.defined() || encoded.defined(); }
  const Shape& shape() const { return tensor.defined() ? tensor.shape() : encoded.shape; }
};

/// A finite number above 0 whose inverse is finite, too.
bool is_temperature(float value);

/// What a FER2013 picture has beside the face that OpenCV's cascades find in it, on each side, as a share of
/// that face's width: chosen by tests/bench/face/choose_margin.py.
inline constexpr float kDefaultFaceMargin = 0.05f;
/// -0.25 (the middle half of the face) .. 1 (three times as wide).
bool is_face_margin(float value);

/// The edge of the square that is read of a face that networks have found, relative to its box's, whose edge is
/// twice the distance from the eyes' middle to the mouth's. Of FER2013's pictures it is 1.34 in the median;
/// what is cut a little closer is read as well or better.
inline constexpr float kDefaultFaceCrop = 1.3f;
/// 0.5 .. 3
bool is_face_crop(float value);

/// All that a model's file holds.
struct ModelFile {
  std::string name;  ///< what predictions call the model; printable
  ModelSpec spec;
  std::vector<std::string> labels;  ///< one printable name a class, each another; none with a face_grid
  image::Normalization normalization;
  float temperature = 1;  ///< what logits are divided by before softmax (eval/calibration.hpp); above 0
  float face_margin = kDefaultFaceMargin;  ///< around a face found in a photo: as in the pictures learned from
  float face_crop =
      kDefaultFaceCrop;  ///< the square cut out for a face that a network has found (face/crop.hpp)
  /// Classes are not those of faces: pictures are read as they are, and no faces are looked for in them.
  bool whole_pictures = false;
  std::optional<FaceGrid> face_grid;  ///< of networks that find faces, in pictures of any size
  std::vector<Weight> weights;        ///< exactly those that plan(spec) names, in its order
  Tensor sample_input;                ///< [1][C][H][W], prepared; undefined when there is no sample
  Tensor sample_output;  ///< [1][classes], probabilities; with a face_grid all outputs one behind the other
  Metadata notes;        ///< anything else worth keeping, such as "accuracy"
};

/// Values of sample_output. Throws ArgumentError for a network of neither kind.
Index sample_output_size(const ModelFile& model);

/// A sample's input: noise, prepared, the same each time. Any image will do to show that a reader computes the
/// same, and noise is nobody's face.
Tensor noise_sample(const ModelSpec& spec, const image::Normalization& how);

/// Writes atomically. `extra` goes into the same container under its own names, which must begin with
/// "checkpoint."; read_model passes over those. Throws ArgumentError when the weights do not fit the
/// spec, the temperature or the margin is none, DataError when the file cannot be written.
void write_model(const std::filesystem::path& path, const ModelFile& model, std::span<const Weight> extra = {});

/// What a file may ask for that comes from somebody else.
struct ModelLimits {
  double max_operations = 2.5e10;  ///< for one image (model/work.hpp); VGG-19 takes 2e10
};
/// For files of one's own.
inline constexpr ModelLimits kNoModelLimits{.max_operations = std::numeric_limits<double>::infinity()};

/// Weights stay where they are, in the mapped file; what is F16, and vectors in BF16, become fp32. Throws
/// DataError naming the file and what is wrong with it: not a mien model, a spec that does not fit the weights,
/// labels that do not match the classes, a temperature that cannot be divided by, a margin out of range, a
/// weight that is not finite, ... but weights of more than kMaxCheckedValues values are not read through for
/// that: whoever runs the model looks at what comes out.
/// A network that would take more than `limits` allow is refused as well.
inline constexpr Index kMaxCheckedValues = Index{1} << 20;
/// Reads a model from an open file.
ModelFile read_model(const SafetensorsFile& file, const ModelLimits& limits = {});
/// Opens the file and reads the model.
ModelFile read_model(const std::filesystem::path& path, const ModelLimits& limits = {});

/// One of a file's notes, without reading its weights; null when there is none of that name. It lives as long
/// as the file.
const std::string* find_note(const SafetensorsFile& file, const std::string& name);

}  // namespace mien::model
