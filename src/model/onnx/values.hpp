// Constants of an ONNX file as numbers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mien/core/file.hpp"
#include "model/onnx/graph.hpp"

namespace mien::model {

/// In fp32 and finite; values stay in the file, which they keep mapped, where they are fp32 and aligned for it.
/// Throws DataError, `where` in front, for other types and values that are elsewhere, not finite or beyond
/// fp32.
Tensor real_values(const OnnxTensor& tensor, const std::shared_ptr<const MappedFile>& file,
                   const std::string& where);

/// The same for integers and truth values, of which there may be 64.
std::vector<Index> integer_values(const OnnxTensor& tensor, const std::string& where);

bool is_real(OnnxType type);

}  // namespace mien::model
