// Weights in fewer bits: what files store beside fp32.
#pragma once

#include <string_view>

#include "mien/model/model_file.hpp"

namespace mien::model {

/// "f32", "bf16" or "int8".
std::string_view to_string(Encoding encoding);
/// Throws ArgumentError for another name.
Encoding parse_encoding(std::string_view name);

/// The nearest bf16 values; or int8 with a scale of largest / 127 for each output channel. `weight` is a matrix
/// [in][out] or filters [out][...], all finite; `encoding` is not f32.
EncodedTensor encode(const Tensor& weight, Encoding encoding);
/// The fp32 values that `encoded` stands for.
Tensor expand(const EncodedTensor& encoded);
/// In fp32, whatever it is stored as.
Tensor expand(const Weight& weight);

/// The output channels of a weight, each of which has a scale.
Index output_channels(const Shape& shape);

/// The model with its matrices and filters stored in `encoding`; vectors (biases, batch normalization) stay
/// fp32. The sample output is dropped, since the new weights give another: whoever calls this runs the model
/// and sets it. Throws DataError naming a weight that is not finite.
ModelFile with_encoding(const ModelFile& model, Encoding encoding);

}  // namespace mien::model
