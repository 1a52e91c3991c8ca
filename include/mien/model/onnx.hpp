// A trained network as an ONNX file: for other runtimes, and from them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/file.hpp"
#include "mien/model/model_file.hpp"

namespace mien::model {

/// What the graph takes.
enum class OnnxInput {
  pixels,    ///< `image`, pixels 0 .. 255 as they are: all of the preparation is in the graph
  prepared,  ///< `prepared`, what image::PerImage makes of them, as onnx_preparation says: the caller's part.
             ///< The graph goes on from there, with constants. The same as `pixels` for PerImage::none.
};

/// Writes atomically: ONNX opset 13, IR version 7, default domain, fp32. The graph takes
///     image          [batch, C, H, W]  or `prepared`, see OnnxInput; floats
/// prepares them as image::normalize does, in float, and gives
///     probabilities  [batch, classes]  each row summing to 1; logits divided by the temperature first.
/// Dropout is left out; batch normalization stays a node of its own; a dense layer is a MatMul and an Add.
/// Every node is one that OpenCV 4.6 reads, for any batch. metadata_props hold `labels` (a JSON array),
/// `mien.preparation` (onnx_preparation, which the input's doc_string says, too) and what a model's own file
/// has as metadata, so that read_onnx gives the model back. Throws ArgumentError when the weights, labels,
/// temperature or normalization do not fit the spec, or when the file would exceed the 2 GB of a protobuf
/// message; DataError when a weight is not finite or the file cannot be written.
void write_onnx(const std::filesystem::path& path, const ModelFile& model, OnnxInput input = OnnxInput::pixels);

/// What the caller of such a graph has to give it for each pixel, in words and a formula, on one line:
/// "100 * (p - m) / d, of the pixels p = 0 .. 255 of one image, ...".
std::string_view onnx_preparation(const image::Normalization& how, OnnxInput input);

/// What an ONNX file does not say by itself.
struct OnnxReadOptions {
  std::vector<std::string> labels = {};          ///< one a class, instead of the file's; none: as it says
  std::vector<std::string> default_labels = {};  ///< for a file that names none; none: class0, class1, ...
  float scale = 1;  ///< what pixels 0 .. 255 are multiplied by before the graph gets them, such as 1 / 255
};

/// The note in a model that came from a graph of another's making: what wrote it, "pytorch 1.13.1, opset 13".
inline constexpr const char* kOnnxNote = "onnx";

/// The model in an ONNX file, opset 7 to 24. Of one that write_onnx wrote it is the model that was written, bit
/// for bit, but for weights in fewer bits, which are fp32, and the sample, of which there is none. Its metadata
/// are believed only where the graph is the one they would give.
///
/// Any other graph has one input [batch, C, H, W] of floats, C, H and W being numbers, and gives the logits, or
/// their softmax. Its operators are those of the layers of a ModelSpec, in the forms that exporters give them
/// (README, ONNX); weights are F32, F16, BF16 or doubles. The model is named after the file and has kOnnxNote;
/// labels are those of `labels` in metadata_props, a JSON array, or else the options'. Factors, means and
/// deviations that the graph begins with become the model's normalization.
///
/// Throws DataError for a file that cannot be read or is damaged, naming the byte, and for a graph that no
/// ModelSpec describes, naming the node, its operator and what of it is not supported; ArgumentError when the
/// options' labels are not as many as the classes, for a scale that is no finite number above 0, and for one
/// other than 1 where the file is write_onnx's and says itself how images are prepared.
/// The file is mapped, at most 2 GB. Whatever is in it, the call takes at most 256 MiB and eight times the
/// file's size: for weights that do not lie in it as the library has them, and may be used several times.
ModelFile read_onnx(const std::filesystem::path& path, const OnnxReadOptions& options = {});
/// The same for a file that is open; its path() is the name in messages.
ModelFile read_onnx(MappedFile file, const OnnxReadOptions& options = {});

}  // namespace mien::model
